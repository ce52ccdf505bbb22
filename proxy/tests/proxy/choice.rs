//! The user chooses where to log in, among those who can serve.

use crate::browser::{Answer, Asked, Browser, pupil};
use crate::world::{World, integration, oid, organisation, service_id, short};
use domain::value::LanguageText;
use projections::routing::{Discovery, HomeIntegration, Permissions, Secret, Services, Upstream};
use std::collections::BTreeMap;

/// The addresses that a page links to under a path.
fn links(page: &Answer, path: &str) -> Vec<String> {
    let parts = page.body.split("href=\"").skip(1);
    let addresses = parts.filter_map(|part| part.split('"').next());
    addresses
        .filter(|address| address.starts_with(path))
        .map(|address| address.replace("&#38;", "&").replace("&amp;", "&"))
        .collect()
}

async fn two_homes(world: &World) {
    let other = HomeIntegration {
        discovery: Discovery {
            display_name: Some(LanguageText::from_parts("Ääkköslä", Some("Ååbygd"), None).unwrap()),
            ..Discovery::default()
        },
        ..world.home(20)
    };
    world.change(|table| table.put_home(other)).await;
}

#[tokio::test]
async fn with_more_than_one_the_user_chooses_and_the_login_goes_on() {
    let world = World::new().await;
    two_homes(&world).await;
    let mut browser = Browser::new(&world);
    let answer = browser
        .get(&Asked::of(1).with("ui_locales", "sv fi").path())
        .await;
    let choose = answer.location().to_owned();
    assert!(choose.starts_with("/login/choose?flow="));
    let page = browser.get(&choose).await;
    assert!(page.body.contains("<html lang=\"sv\">"));
    assert!(page.body.contains("Ååbygd"));
    assert!(page.body.contains("Kuvitteellinen kunta 10"));
    assert!(page.body.contains("<label for=\"q\">"));
    assert!(!page.body.contains("<script"));
    assert_eq!(links(&page, "/login/start").len(), 2);
    let languages = links(&page, "/login/choose");
    let finnish = browser.get(&languages[0]).await;
    assert!(finnish.body.contains("Ääkköslä"));

    let found = browser.get(&format!("{choose}&q=%C3%85%C3%85BY")).await;
    let start = links(&found, "/login/start");
    assert_eq!(start.len(), 1);
    let leaving = browser.get(&start[0]).await;
    assert_eq!(
        leaving.parameter("redirect_uri").as_deref(),
        Some("http://test.proxy.localhost:8600/login/return/Oidc20")
    );
    let back = world.provider.log_in(leaving.location(), pupil());
    assert!(browser.get(&back).await.parameter("code").is_some());
}

#[tokio::test]
async fn who_cannot_serve_is_neither_shown_nor_started() {
    let world = World::new().await;
    two_homes(&world).await;
    let forbidden = HomeIntegration {
        permissions: Permissions {
            services: Services::List(BTreeMap::from([(service_id(2), 3)])),
            position: 3,
        },
        ..world.home(30)
    };
    let mut keyless = world.home(40);
    if let Upstream::OpenIdConnect(upstream) = &mut keyless.upstream {
        upstream.client_secret = Secret::Missing;
    }
    let unspoken = HomeIntegration {
        upstream: Upstream::Unsupported {
            kind: "wilma".to_owned(),
        },
        ..world.home(50)
    };
    world
        .change(|table| {
            table.put_home(forbidden);
            table.put_home(keyless);
            table.put_home(unspoken);
        })
        .await;
    let mut browser = Browser::new(&world);
    let answer = browser.get(&Asked::of(1).path()).await;
    let choose = answer.location().to_owned();
    let page = browser.get(&choose).await;
    assert_eq!(links(&page, "/login/start").len(), 2);
    let start = choose.replace("choose", "start");
    let page = browser
        .get(&format!("{start}&home={}", integration(30)))
        .await;
    page.assert_problem("NOT_PERMITTED");
    let page = browser
        .get(&format!("{start}&home={}", integration(40)))
        .await;
    page.assert_problem("NO_HOME_INTEGRATION");
    let page = browser
        .get(&format!("{start}&home={}", integration(99)))
        .await;
    page.assert_problem("NO_SUCH_HOME_INTEGRATION");
    let page = browser.get(&format!("{start}&home=nonsense")).await;
    page.assert_problem("INVALID_REQUEST");
    assert_eq!(*world.provider.count.lock().unwrap(), 0);
}

#[tokio::test]
async fn a_service_may_name_the_source_or_its_group() {
    let world = World::new().await;
    two_homes(&world).await;
    let tagged = HomeIntegration {
        tags: ["upper".to_owned()].into(),
        ..world.home(30)
    };
    world.change(|table| table.put_home(tagged)).await;
    let mut browser = Browser::new(&world);
    for (context, flow_name) in [
        ("urn:mpass.id:authnsource:Oidc20", "Oidc20"),
        ("other urn:mpass.id:authntag:upper", "Oidc30"),
    ] {
        let answer = browser
            .get(&Asked::of(1).with("acr_values", context).path())
            .await;
        let back = answer.parameter("redirect_uri").unwrap();
        assert!(back.ends_with(flow_name), "{back}");
    }
    let none = Asked::of(1).with("acr_values", "urn:mpass.id:authnsource:Nobody");
    browser
        .get(&none.path())
        .await
        .assert_problem("NO_HOME_INTEGRATION");
    let one = Asked::of(1).with("acr_values", "urn:mpass.id:authnsource:Oidc20");
    browser.log_in(&one, pupil()).await;
    let another = Asked::of(1).with("acr_values", "urn:mpass.id:authntag:upper");
    let answer = browser.get(&another.path()).await;
    assert!(
        answer.parameter("redirect_uri").is_some(),
        "another source than the session's"
    );
}

#[tokio::test]
async fn schools_are_listed_where_an_integration_says_so() {
    let world = World::new().await;
    two_homes(&world).await;
    let listing = HomeIntegration {
        discovery: Discovery {
            show_schools: true,
            title: Some(LanguageText::parse("perusaste").unwrap()),
            excluded_schools: ["00012".parse().unwrap()].into(),
            ..Discovery::default()
        },
        ..world.home(10)
    };
    world
        .change(|table| {
            table.put_home(listing);
            table.put_organisation(organisation(12, Some("00012"), Some(oid(10))));
            let mut closed = organisation(13, Some("00013"), Some(oid(10)));
            closed.active = false;
            table.put_organisation(closed);
            let mut named = organisation(14, Some("00014"), Some(oid(10)));
            named.name.sv = Some(short("Svenska skolan"));
            table.put_organisation(named);
        })
        .await;
    let mut browser = Browser::new(&world);
    let answer = browser
        .get(&Asked::of(1).with("ui_locales", "sv").path())
        .await;
    let page = browser.get(answer.location()).await;
    assert!(
        page.body
            .contains("Kuvitteellinen organisaatio 11 <span>(perusaste)</span>")
    );
    assert!(page.body.contains("Svenska skolan"));
    for hidden in [
        "organisaatio 12",
        "organisaatio 13",
        "Kuvitteellinen kunta 10",
    ] {
        assert!(!page.body.contains(hidden), "{hidden}");
    }
}

#[tokio::test]
async fn a_user_whose_session_does_not_do_may_choose_another_organisation() {
    let world = World::new().await;
    let mut browser = Browser::new(&world);
    browser.code(1).await;
    two_homes(&world).await;
    let none = Permissions {
        services: Services::List(BTreeMap::new()),
        position: 5,
    };
    let home = HomeIntegration {
        permissions: none,
        ..world.home(10)
    };
    world.change(|table| table.put_home(home)).await;
    let page = browser.get(&Asked::of(1).path()).await;
    page.assert_problem("NOT_PERMITTED");
    let page = browser.get(&links(&page, "/login/choose")[0]).await;
    let leaving = browser.get(&links(&page, "/login/start")[0]).await;
    let back = world.provider.log_in(leaving.location(), pupil());
    assert!(browser.get(&back).await.parameter("code").is_some());
}
