//! `Setting`: the cluster that the suite runs on.

use kube::config::{KubeConfigOptions, Kubeconfig};
use leviathan_test_kube_api::{FakeKube, Image, Kubelet};
use std::ffi::OsString;
use std::path::Path;

/// Names the image that workers run in. All that it needs is `/bin/sh` and the usual commands.
const IMAGE: &str = "LEVIATHAN_TEST_IMAGE";
const KUBECONFIG: &str = "KUBECONFIG";
/// The image of workers where no real cluster is named.
const STAND_IN: &str = "stand-in:1";

/// The cluster that the suite runs on.
#[derive(Debug)]
pub(crate) struct Setting {
    /// How an administrator reaches it.
    pub(crate) admin: kube::Config,
    /// The image of workers.
    pub(crate) image: String,
    /// The API server for tests and what runs its pods, where no real cluster is named.
    stand_in: Option<(Kubelet, FakeKube)>,
}

impl Setting {
    /// The one that the environment names.
    ///
    /// # Panics
    /// If it names one that can't be used: somebody wanted it to be tested.
    pub(crate) async fn of_the_environment() -> Self {
        let image = std::env::var(IMAGE).ok();
        Self::named(std::env::var_os(KUBECONFIG), image).await.unwrap_or_else(|why| panic!("{why}"))
    }

    async fn named(kubeconfig: Option<OsString>, image: Option<String>) -> Result<Self, String> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let Some(path) = kubeconfig.filter(|path| !path.is_empty()) else {
            crate::said::aside(
                "KUBECONFIG is not set: this runs on the API server for tests, and tests no real cluster",
            );
            let api = FakeKube::start();
            let kubelet = Kubelet::start(&api, |name| (name == STAND_IN).then(Image::default));
            let file = Kubeconfig::from_yaml(&api.kubeconfig(api.admin_token())).expect("it wrote it itself");
            let admin = open(file).await?;
            return Ok(Self { admin, image: STAND_IN.to_owned(), stand_in: Some((kubelet, api)) });
        };
        let image = image.filter(|image| !image.is_empty()).ok_or_else(|| {
            format!("KUBECONFIG is set and {IMAGE} is not: it names the image of workers, one with /bin/sh")
        })?;
        let shown = Path::new(&path).display();
        let read = read_all(&path).map_err(|why| format!("KUBECONFIG names {shown}: {why}"))?;
        let admin = open(read).await.map_err(|why| format!("KUBECONFIG names {shown}: {why}"))?;
        Ok(Self { admin, image, stand_in: None })
    }

    /// A client with an administrator's rights.
    pub(crate) fn admin(&self) -> kube::Client {
        kube::Client::try_from(self.admin.clone()).expect("a client of a configuration that was read")
    }

    /// A client of whom this token is of.
    pub(crate) fn bearer(&self, token: &str) -> kube::Client {
        let mut config = self.admin.clone();
        config.auth_info = serde_json::from_value(serde_json::json!({"token": token})).expect("a token");
        kube::Client::try_from(config).expect("a client of a configuration that was read")
    }

    pub(crate) fn is_real(&self) -> bool {
        self.stand_in.is_none()
    }
}

/// As kubectl does, the files of a list are merged.
fn read_all(paths: &OsString) -> Result<Kubeconfig, String> {
    let mut all = Kubeconfig::default();
    for path in std::env::split_paths(paths).filter(|path| !path.as_os_str().is_empty()) {
        let one = Kubeconfig::read_from(path).map_err(|error| error.to_string())?;
        all = all.merge(one).map_err(|error| error.to_string())?;
    }
    Ok(all)
}

async fn open(file: Kubeconfig) -> Result<kube::Config, String> {
    let options = KubeConfigOptions::default();
    let mut config =
        kube::Config::from_custom_kubeconfig(file, &options).await.map_err(|error| error.to_string())?;
    // As the executor's own clients are.
    config.default_retry = false;
    Ok(config)
}

#[tokio::test]
async fn a_kubeconfig_that_is_set_and_wrong_is_a_failure_and_no_reason_to_skip() {
    let refused = |path: &str, image: Option<&str>| {
        let (path, image) = (OsString::from(path), image.map(str::to_owned));
        async { Setting::named(Some(path), image).await.unwrap_err() }
    };
    let said = refused("/etc/hostname", None).await;
    assert!(said.contains("LEVIATHAN_TEST_IMAGE"), "{said}");
    let said = refused("/no/such/file", Some("busybox:1")).await;
    assert!(said.contains("/no/such/file"), "{said}");
    let said = refused("/etc/hostname", Some("busybox:1")).await;
    assert!(said.contains("KUBECONFIG names /etc/hostname"), "{said}");
}

#[tokio::test]
async fn where_it_runs_is_said_aloud_and_what_it_leaves_out() {
    use crate::said::aloud;
    let setting = Setting::of_the_environment().await;
    if setting.is_real() {
        let version = setting.admin().apiserver_version().await.expect("the cluster of KUBECONFIG answers");
        let (at, image) = (&setting.admin.cluster_url, &setting.image);
        aloud(&format!("the cluster suite runs on {at}, {}, with the image {image}", version.git_version));
    } else {
        aloud(
            "SKIPPED: KUBECONFIG is not set, so no real cluster is tested; the cluster suite runs on the API server for tests",
        );
    }
    for (case, why) in crate::cases::BEYOND_THE_API {
        aloud(&format!("SKIPPED {case}: {why}"));
    }
}
