//! The real loading files, where a directory with them is named. Nothing of them stands here.

use super::{end, ledger, target, wishes};
use crate::import::mpassid::call::{self, Wishes};
use crate::import::mpassid::{self, Source};
use crate::import::organisations::{self, Scope};
use crate::import::report::Verdict;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Names a directory with `mpassid/` in it.
const VARIABLE: &str = "TRUSTNET_EXTRA_DATA";

/// The files of the directory, the answers of the organisation service apart.
fn files() -> Option<(Vec<Source>, Vec<Source>)> {
    #[expect(
        clippy::disallowed_methods,
        reason = "extra data lies outside the repository"
    )]
    let directory = std::env::var_os(VARIABLE).map(PathBuf::from);
    let Some(directory) = directory
        .map(|root| root.join("mpassid"))
        .filter(|own| own.is_dir())
    else {
        eprintln!("SKIPPED: set {VARIABLE} to a directory with mpassid/ to read real files");
        return None;
    };
    let mut paths: Vec<PathBuf> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "json"));
    paths.sort();
    let source = |path: PathBuf| Source {
        name: path.file_name().unwrap().to_string_lossy().into(),
        bytes: Zeroizing::new(std::fs::read(path).unwrap()),
    };
    let answer = |own: &Source| {
        own.name.contains("organization.json") || own.name.contains("suborganizations")
    };
    let (answers, files) = paths.into_iter().map(source).partition(answer);
    Some((files, answers))
}

#[tokio::test]
async fn loading_files_are_recorded_but_for_what_is_really_wrong() {
    let Some((files, _)) = files() else { return };
    let test = ledger().await;
    let before = end(&test);
    let strict = call::run(&target(&test), mpassid::read(&files), &wishes())
        .await
        .unwrap();
    assert_eq!(strict.verdict, Verdict::Invalid);
    let refused: Vec<_> = strict
        .refused
        .iter()
        .map(|own| (own.field.as_str(), own.code.as_str()))
        .collect();
    assert_eq!(refused, [("configurationEntity.idp.idpId", "REPEATED"); 2]);
    assert_eq!(end(&test), before);

    let lenient = Wishes {
        skip_invalid: true,
        ..wishes()
    };
    let report = call::run(&target(&test), mpassid::read(&files), &lenient)
        .await
        .unwrap();
    assert_eq!((report.verdict, report.left.len()), (Verdict::Recorded, 2));
    let again = call::run(&target(&test), mpassid::read(&files), &lenient)
        .await
        .unwrap();
    assert_eq!(again.verdict, Verdict::NothingToRecord);
}

#[tokio::test]
async fn answers_of_the_organisation_service_are_recorded() {
    let Some((_, answers)) = files() else { return };
    assert_eq!(answers.len(), 2);
    let test = ledger().await;
    let target = target(&test);
    for source in &answers {
        let read = || organisations::read(&source.name, &source.bytes);
        assert_eq!((read().errors, read().warnings), (Vec::new(), Vec::new()));
        for verdict in [Verdict::Recorded, Verdict::NothingToRecord] {
            let report = organisations::record(&target, read(), Scope::default(), false).await;
            assert_eq!(report.unwrap().verdict, verdict);
        }
    }
}
