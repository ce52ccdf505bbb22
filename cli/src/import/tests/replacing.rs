//! `--replace`: what the files of a call lack goes out of use, and how much of it may.

use super::{Files, end, import, ledger, read, target, wishes, without};
use crate::import::difference::What;
use crate::import::mpassid::call::{self, Wishes};
use crate::import::report::Verdict;
use serde_json::json;

fn replacing() -> Wishes {
    Wishes {
        replace: true,
        ..wishes()
    }
}

#[tokio::test]
async fn what_the_files_lack_goes_out_of_use_and_comes_back() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let less = || Files::new().with(|files| without(&mut files.homes, "identityProviders", 1));
    let kept = import(&test, &less(), &wishes()).await;
    assert_eq!(kept.verdict, Verdict::NothingToRecord, "only on request");
    let report = import(&test, &less(), &replacing()).await;
    let changes = report.recorded.unwrap();
    assert_eq!(changes.len(), 1);
    let gone = &changes[0];
    assert_eq!(
        (gone.what, gone.id.as_deref()),
        (What::Inactivated, Some("4900002"))
    );
    assert_eq!(gone.file, None);
    let again = import(&test, &less(), &replacing()).await;
    assert_eq!(again.verdict, Verdict::NothingToRecord);
    let back = import(&test, &Files::new(), &replacing())
        .await
        .recorded
        .unwrap();
    assert_eq!((back.len(), back[0].what), (1, What::Reactivated));
}

#[tokio::test]
async fn other_kinds_and_environments_are_left_alone() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    // Only homes of the environment test: those in production are not lacking.
    let mut files = Files::new();
    for index in [3, 1, 0] {
        without(&mut files.homes, "identityProviders", index);
    }
    let reading = read(&[("homes.json", &files.homes.to_string())]);
    assert_eq!(reading.homes.len(), 2);
    let report = call::run(&target(&test), reading, &replacing())
        .await
        .unwrap();
    assert_eq!(report.verdict, Verdict::NothingToRecord);
}

#[tokio::test]
async fn too_many_removals_refuse_the_call() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let before = end(&test);
    let less = Files::new().with(|files| without(&mut files.homes, "identityProviders", 1));
    let none = Wishes {
        max_removals: 0,
        ..replacing()
    };
    let report = import(&test, &less, &none).await;
    assert_eq!(report.verdict, Verdict::Refused);
    assert_eq!(report.refusal.unwrap().code, "TOO_MANY_REMOVALS");
    assert_eq!(end(&test), before);
    let one = Wishes {
        max_removals: 1,
        ..replacing()
    };
    assert_eq!(import(&test, &less, &one).await.verdict, Verdict::Recorded);
}

#[tokio::test]
async fn an_unusable_entry_is_not_lacking() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let files = Files::new().with(|files| {
        files.idp(1)["logoUrl"] = json!("x");
        files.set(1)["deploymentPhase"] = json!("x");
    });
    let lenient = Wishes {
        skip_invalid: true,
        ..replacing()
    };
    let report = import(&test, &files, &lenient).await;
    assert_eq!(
        (report.verdict, report.left.len()),
        (Verdict::NothingToRecord, 2)
    );
}

#[tokio::test]
async fn files_that_cannot_be_read_whole_replace_nothing() {
    let test = ledger().await;
    import(&test, &Files::new(), &wishes()).await;
    let before = end(&test);
    let lenient = Wishes {
        skip_invalid: true,
        ..replacing()
    };
    let nameless = Files::new().with(|files| files.home(0)["id"] = json!("x"));
    let broken = read(&[
        ("homes.json", "{"),
        ("sets.json", &nameless.sets.to_string()),
    ]);
    for reading in [nameless.read(), broken] {
        let report = call::run(&target(&test), reading, &lenient).await.unwrap();
        assert_eq!(report.verdict, Verdict::Invalid);
        assert_eq!(report.refused[0].code, "INCOMPLETE");
    }
    assert_eq!(end(&test), before);
}
