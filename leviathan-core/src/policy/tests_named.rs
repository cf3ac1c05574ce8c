//! Which paths count as tests.

/// Whether a path is one of a test: a folder or file in it has `test` or `tests` as a word of its name (`tests/a.rs`,
/// `test_a.py`, `a_test.go`, `ATest.java`), or the file has `spec` as one (`a.spec.ts`, `a_spec.rb`).
pub(super) fn names_a_test(path: &str) -> bool {
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let is_test = |word: &String| word == "test" || word == "tests";
    let mut file_words = words(file);
    words(folders).any(|word| is_test(&word)) || file_words.any(|word| is_test(&word) || word == "spec")
}

/// The words of a name in lower case: cut at everything that is no letter, and where a capital follows a small letter.
fn words(name: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let mut after_small = false;
    for c in name.chars() {
        let cut = !c.is_alphabetic() || (c.is_uppercase() && after_small);
        if cut {
            words.push(String::new());
        }
        if c.is_alphabetic()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        after_small = c.is_lowercase();
    }
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_known_by_a_word_of_their_name() {
        for path in [
            "tests/a.rs",
            "src/test/java/A.java",
            "test_a.py",
            "a_test.go",
            "FooTest.java",
            "a.spec.ts",
            "a_spec.rb",
            "src/__tests__/a.js",
            "tests.rs",
            "a.test.ts",
            "test1.sh",
            "TestFoo.kt",
        ] {
            assert!(names_a_test(path), "{path}");
        }
        for path in
            ["latest.md", "contest/a.rs", "spec/openapi.yaml", "src/attestation.rs", "docs/testing.md", ""]
        {
            assert!(!names_a_test(path), "{path}");
        }
    }
}
