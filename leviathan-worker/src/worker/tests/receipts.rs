//! What a receipt says is found again in any clone, and what it says wrongly too.

use super::*;
use crate::receipt::{CheckedReceipt, ReceiptError, check_receipt};
use leviathan_core::event::payload::PolicyReceipt;
use std::path::PathBuf;
use std::process::Command;

const FENCED: &str = "forbidden_paths: ['docs/private/']\nsafety_rules: {max_artifact_size_mb: 1}\n";

impl Room {
    fn receipt(&self) -> PolicyReceipt {
        let receipt = |event| match event {
            Event::PolicyReceipt(receipt) => Some(receipt),
            _ => None,
        };
        let mut receipts: Vec<_> = self.control_plane.events().into_iter().filter_map(receipt).collect();
        assert_eq!(receipts.len(), 1);
        receipts.remove(0)
    }

    /// Somebody's clone of the target, made by git itself.
    fn clone_of_target(&self) -> PathBuf {
        let clone = self.dir.path().join("somebodys");
        let cloned =
            Command::new("git").args(["clone", "-q", "--mirror", &self.origin.url()]).arg(&clone).status();
        assert!(cloned.unwrap().success());
        clone
    }
}

fn holds(checked: &Result<CheckedReceipt, ReceiptError>) {
    assert_eq!(checked, &Ok(CheckedReceipt { differences: Vec::new(), not_checked: 0 }));
}

#[tokio::test]
async fn a_receipt_of_allowed_work_holds_in_any_clone_and_a_forged_one_does_not() {
    let room = Room::with(
        POLICY,
        "mkdir docs && echo done > docs/GUIDE.md && mv docs/GUIDE.md docs/x; \
                                   echo done > docs/GUIDE.md; printf '\\0\\1\\2' > docs/binary",
    );
    assert_eq!(room.run().await.failure, None);
    let (receipt, clone) = (room.receipt(), room.clone_of_target());
    assert_eq!(receipt.changed_paths, ["docs/GUIDE.md", "docs/binary", "docs/x"]);
    assert_eq!(
        (receipt.is_allowed(), receipt.task_id.as_ref().map(ToString::to_string)),
        (Some(true), Some("docs/guide".to_owned()))
    );
    holds(&check_receipt(&clone, &receipt, None));

    let fields = |forged: PolicyReceipt| -> Vec<&'static str> {
        let checked = check_receipt(&clone, &forged, None).unwrap();
        checked.differences.iter().map(|difference| difference.field).collect()
    };
    let main = room.origin.tip("main").unwrap();
    let honest = || receipt.clone();
    let fewer = vec!["docs/GUIDE.md".to_owned(), "docs/x".to_owned()];
    assert_eq!(
        fields(PolicyReceipt { changed_paths: fewer, ..honest() }),
        ["changed_paths", "changed_paths"]
    );
    assert_eq!(fields(PolicyReceipt { changed_paths_left_out: 2, ..honest() }), ["changed_paths"]);
    assert_eq!(fields(PolicyReceipt { policy_sha256: Some(Hash::ZERO), ..honest() }), ["policy_sha256"]);
    assert_eq!(fields(PolicyReceipt { policy_sha256: None, ..honest() }), ["policy_sha256"]);
    assert_eq!(fields(PolicyReceipt { verdict: "refused".to_owned(), ..honest() }), ["verdict"]);
    assert_eq!(fields(PolicyReceipt { violations: vec!["x".to_owned()], ..honest() }), ["violations"]);
    assert_eq!(fields(PolicyReceipt { not_in_tree: 1, ..honest() }), ["violations", "verdict"]);
    let other_tree = PolicyReceipt { tree: main.tree_id().to_string(), ..honest() };
    assert_eq!(fields(other_tree), ["tree", "changed_paths"]);
    let other_head = PolicyReceipt { head_commit: Some(main.id().to_string()), ..honest() };
    assert_eq!(fields(other_head), ["tree", "base_commit"]);
    // Nothing was written into the clone.
    let dangling =
        Command::new("git").arg("-C").arg(&clone).args(["fsck", "--no-reflogs", "--unreachable"]).output();
    assert_eq!(String::from_utf8(dangling.unwrap().stdout).unwrap(), "");
}

#[tokio::test]
async fn a_receipt_of_refused_work_is_judged_again_from_its_patch() {
    let agent = "mkdir -p docs/private && echo done > docs/GUIDE.md; echo x > docs/private/x; echo bad > README.md; \
                 printf '\\0\\1\\2' > docs/binary; chmod +x docs/GUIDE.md; ln -s /etc docs/link; \
                 printf 'no newline' > docs/last; rm .gitignore";
    let room = Room::with(FENCED, agent);
    room.fails(Cause::PolicyViolation).await;
    let (receipt, clone) = (room.receipt(), room.clone_of_target());
    let violations = [
        "`.gitignore` is not among the task's allowed_paths",
        "`README.md` is not among the task's allowed_paths",
        "`docs/link` is a symbolic link to `/etc`, which may leave the tree",
        "`docs/private/x` is forbidden by `docs/private/` of the policy's forbidden_paths",
    ];
    assert_eq!((receipt.is_allowed(), receipt.head_commit.as_ref()), (Some(false), None));
    assert_eq!(receipt.violations, violations);
    assert_eq!(room.artifact("violations.log").lines().collect::<Vec<_>>(), violations);
    let tree = receipt.tree.clone();
    assert_eq!(check_receipt(&clone, &receipt, None), Err(ReceiptError::NoTree { tree }));

    let patch = room.control_plane.artifact("refused.patch").unwrap();
    holds(&check_receipt(&clone, &receipt, Some(&patch)));
    let forged = PolicyReceipt { verdict: "allowed".to_owned(), violations: Vec::new(), ..receipt.clone() };
    let checked = check_receipt(&clone, &forged, Some(&patch)).unwrap();
    let said: Vec<String> = checked.differences.iter().map(ToString::to_string).collect();
    assert_eq!(
        said,
        [
            "violations: the receipt says 0 of them, the repository 4 of them",
            "verdict: the receipt says allowed, the repository refused",
        ]
    );
    let other =
        "diff --git a/README.md b/README.md\n--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-hello\n+other\n";
    let refused = check_receipt(&clone, &receipt, Some(other.as_bytes())).unwrap_err();
    assert!(refused.to_string().contains("was it cut"), "{refused}");
}

#[tokio::test]
async fn what_the_tree_does_not_show_is_counted_and_left_unchecked() {
    let room = Room::with(
        POLICY,
        "mkdir docs; echo done > docs/GUIDE.md; git init -q docs/nested; touch docs/nested/x",
    );
    room.fails(Cause::PolicyViolation).await;
    let patch = room.control_plane.artifact("refused.patch").unwrap();
    let checked = check_receipt(&room.clone_of_target(), &room.receipt(), Some(&patch)).unwrap();
    assert_eq!(checked, CheckedReceipt { differences: Vec::new(), not_checked: 1 });
}

#[tokio::test]
async fn a_receipt_that_can_not_be_checked_is_neither_right_nor_wrong() {
    let room = Room::with(POLICY, "mkdir docs && echo done > docs/GUIDE.md");
    assert_eq!(room.run().await.failure, None);
    let (receipt, clone) = (room.receipt(), room.clone_of_target());
    let why = |forged: PolicyReceipt| check_receipt(&clone, &forged, None).unwrap_err().to_string();
    let absent = "1".repeat(40);
    for (forged, says) in [
        (PolicyReceipt { base_commit: absent.clone(), ..receipt.clone() }, "fetch the branch"),
        (PolicyReceipt { head_commit: Some(absent), ..receipt.clone() }, "no commit 1111"),
        (PolicyReceipt { base_commit: "main".to_owned(), ..receipt.clone() }, "base_commit is \"main\""),
        (PolicyReceipt { task_id: None, ..receipt.clone() }, "task_id"),
    ] {
        let why = why(forged);
        assert!(why.contains(says), "{says} is not in {why}");
    }
    let nowhere = check_receipt(Path::new("/nowhere"), &receipt, None).unwrap_err();
    assert!(nowhere.to_string().contains("opening the clone"), "{nowhere}");
}

#[tokio::test]
async fn many_paths_are_counted_where_they_have_no_room() {
    let room = Room::with(
        "checks: []\n",
        "mkdir docs; cd docs; for n in $(seq 2000); do \
                           echo $n > $(printf 'a-rather-long-name-for-a-file-with-a-number-%05d' $n); done",
    );
    assert_eq!(room.run().await.failure, None);
    let receipt = room.receipt();
    assert!(receipt.changed_paths_left_out > 500, "{}", receipt.changed_paths_left_out);
    assert_eq!(receipt.changed_paths.len() as u64 + receipt.changed_paths_left_out, 2000);
    holds(&check_receipt(&room.clone_of_target(), &receipt, None));
}
