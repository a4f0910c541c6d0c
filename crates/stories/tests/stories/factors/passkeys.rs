//! Passkeys as people have them: added, listed, named, used instead of a password, removed; and every answer that must not count (ASVS 6.7, F24).
use serde_json::{Value, json};
use world::{Browser, Maker, Method, Page, SoftPasskey, Span, World};

const LIST: &str = "/api/v1/me/authenticators";
const ADD: [&str; 2] = [
    "/api/v1/me/authenticators/passkeys",
    "/api/v1/me/authenticators/passkeys/finish",
];
const DOOR: [&str; 2] = ["/sign-in/passkey/start?for=door", "/sign-in/passkey/finish?for=door"];

/// Asks at the door.
async fn asked(browser: &Browser) -> Value {
    browser.get("/sign-in").await;
    browser.ask(Method::POST, DOOR[0]).json(&json!({})).send().await.json()
}
async fn shows(browser: &Browser, body: &Value) -> Page {
    browser.ask(Method::POST, DOOR[1]).json(body).send().await
}
fn why(page: &Page) -> (u16, String) {
    (
        page.code(),
        page.json()["reason"].as_str().unwrap_or_default().to_owned(),
    )
}
fn refused(reason: &str) -> (u16, String) {
    (422, reason.to_owned())
}

/// Runs every statement of passkeys: one is added twice, and more questions are under way than may be.
pub(crate) async fn tour(world: &World, browser: &Browser) {
    let mut soft = SoftPasskey::new(world.origin());
    soft.next_id = Some(vec![7; 32]);
    let mut again = soft.clone();
    assert_eq!(browser.add_passkey(&mut soft).await.code(), 201);
    for _ in 0..11 {
        browser.ask(Method::POST, ADD[0]).json(&json!({})).send().await;
    }
    assert!(browser.step_up_with(&mut soft).await.status.is_success());
    assert!(browser.sign_in_with(&mut soft).await.status.is_success());
    let ana = world.person("passkey-tour").await;
    let other = world.browser_at(31);
    ana.enter(&other).await;
    assert_eq!(why(&other.add_passkey(&mut again).await), refused("PK-009"));
    let list = browser.get(LIST).await.json();
    let one = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["kind"] == "passkey");
    let address = format!("{LIST}/{}", one.unwrap()["id"].as_str().unwrap());
    assert!(browser.ask(Method::DELETE, &address).send().await.status.is_success());
}

world::stories! {
    async fn a_passkey_is_added_named_listed_used_and_removed(world) {
        let (_, browser) = world.with_owner_inside().await;
        let mut soft = SoftPasskey::new(world.origin());
        let page = browser.passkey(ADD, &json!({ "name": "Work laptop" }), |asked| soft.create(asked)).await;
        assert_eq!(page.code(), 201, "{}", page.body);
        let mail = world.mail().await;
        assert!(mail.iter().any(|mail| mail.text.contains("Passkey “Work laptop”")), "nobody was told by mail");
        let list = browser.get(LIST).await.json();
        let one = list["items"].as_array().unwrap().iter().find(|one| one["kind"] == "passkey").unwrap().clone();
        assert_eq!(one["name"], "Work laptop");
        browser.post("/sign-out", &[]).await;

        let page = browser.sign_in_with(&mut soft).await;
        assert_eq!((page.code(), page.json()["next"].as_str()), (200, Some("/app")), "{}", page.body);
        assert!(browser.is_signed_in().await);
        let page = browser.ask(Method::DELETE, &format!("{LIST}/{}", one["id"].as_str().unwrap())).send().await;
        assert!(page.status.is_success(), "{}", page.body);
        browser.post("/sign-out", &[]).await;
        assert_eq!(why(&browser.sign_in_with(&mut soft).await), refused("PK-003"));
        assert!(!browser.is_signed_in().await);
    }

    async fn an_answer_for_another_site_without_verification_or_twice_opens_nothing(world) {
        let owner = world.with_owner().await;
        let mut soft = world.with_passkey(&owner).await;
        let browser = world.browser();
        let mut fished = soft.clone();
        fished.origin = "https://doorward.evil.example".into();
        assert_eq!(why(&browser.sign_in_with(&mut fished).await), refused("PK-005"));
        let mut other = soft.clone();
        other.relying = Some("evil.example".into());
        assert_eq!(why(&browser.sign_in_with(&mut other).await), refused("PK-005"));
        let mut unverified = soft.clone();
        unverified.verifies = false;
        assert_eq!(why(&browser.sign_in_with(&mut unverified).await), refused("PK-006"));
        assert!(!browser.is_signed_in().await);

        let body = soft.get(&asked(&browser).await);
        assert_eq!(shows(&browser, &body).await.code(), 200);
        let thief = world.browser_at(9);
        thief.get("/sign-in").await;
        assert_eq!(why(&shows(&thief, &body).await), refused("PK-002"));
        let late = soft.get(&asked(&thief).await);
        world.clock.advance(Span::minutes(5));
        assert_eq!(why(&shows(&thief, &late).await), refused("PK-002"));
        assert!(!thief.is_signed_in().await);
    }

    async fn without_verification_none_is_added(world) {
        let (_, browser) = world.with_owner_inside().await;
        let mut soft = SoftPasskey::new(world.origin());
        soft.verifies = false;
        assert_eq!(why(&browser.add_passkey(&mut soft).await), refused("PK-006"));
        let list = browser.get(LIST).await.json();
        assert!(list["items"].as_array().unwrap().iter().all(|one| one["kind"] != "passkey"), "{list}");
    }

    async fn a_copied_passkey_is_refused_told_and_in_the_log(world) {
        let owner = world.with_owner().await;
        let mut soft = world.with_passkey(&owner).await;
        let mut copy = soft.clone();
        let (browser, thief) = (world.browser(), world.browser_at(9));
        assert_eq!(browser.sign_in_with(&mut soft).await.code(), 200);
        assert_eq!(why(&thief.sign_in_with(&mut copy).await), refused("PK-007"));
        assert!(!thief.is_signed_in().await);
        assert!(world.mail().await.iter().any(|mail| mail.subject.contains("may have been copied")));
        let events = browser.get("/api/v1/events?kind=passkey-counter-back").await.json();
        assert_eq!(events["items"].as_array().unwrap().len(), 1, "{events}");
    }

    async fn only_models_on_the_organisations_list_are_added(world) {
        let (_, browser) = world.with_owner_inside().await;
        world.set_policy(|values| {
            values.aaguids = Some(vec!["cb69481e-8ff7-4039-93ec-0a2729a154a8".parse().expect("an AAGUID")]);
        }).await;
        let mut soft = SoftPasskey::new(world.origin());
        assert_eq!(why(&browser.add_passkey(&mut soft).await), refused("PK-008"));
        soft.model = 0xcb69_481e_8ff7_4039_93ec_0a27_29a1_54a8;
        let page = browser.add_passkey(&mut soft).await;
        assert_eq!(page.code(), 201, "{}", page.body);
        let list = browser.get(LIST).await.json();
        assert!(list["items"].as_array().unwrap().iter().any(|one| one["name"] == "YubiKey 5"), "{list}");
    }

    async fn with_the_makers_root_on_the_server_a_listed_model_has_to_be_proved(world) {
        let (owner, _) = world.with_owner_inside().await;
        world.set_policy(|values| {
            values.aaguids = Some(vec!["cb69481e-8ff7-4039-93ec-0a2729a154a8".parse().expect("an AAGUID")]);
        }).await;
        let maker = Maker::new("Maker Root");
        let roots = world.app().ground().config.data_dir.join("passkey-roots");
        std::fs::create_dir_all(&roots).unwrap();
        std::fs::write(roots.join("maker.pem"), &maker.pem).unwrap();
        world.restart().await;
        let browser = world.browser();
        owner.enter(&browser).await;
        let mut soft = SoftPasskey::new(world.origin());
        soft.model = 0xcb69_481e_8ff7_4039_93ec_0a27_29a1_54a8;
        assert_eq!(why(&browser.add_passkey(&mut soft).await), refused("PK-014"));
        soft.attested = Some(maker.attests(soft.model));
        let page = browser.add_passkey(&mut soft).await;
        assert_eq!(page.code(), 201, "{}", page.body);
        let again = world.browser();
        assert_eq!(again.sign_in_with(&mut soft).await.code(), 200);
        assert!(again.is_signed_in().await);
    }

    async fn a_passkey_passes_no_lane_of_passwords_and_opens_the_address_again(world) {
        let owner = world.with_owner().await;
        let mut soft = world.with_passkey(&owner).await;
        let stranger = world.browser_at(7);
        for _ in 0..11 {
            stranger.sign_in(&owner.email, "surely not the right one").await;
        }
        assert_eq!(owner.sign_in(&stranger).await.code(), 422, "the address is shut for strangers");
        let browser = world.browser_at(7);
        assert_eq!(browser.sign_in_with(&mut soft).await.code(), 200);
        assert!(browser.is_signed_in().await);
        let other = world.browser_at(8);
        assert_ne!(owner.sign_in(&other).await.code(), 422, "a passkey's success opens the address again");
    }

    async fn a_question_outlives_a_restart_and_is_answered_once(world) {
        let owner = world.with_owner().await;
        let mut soft = world.with_passkey(&owner).await;
        let browser = world.browser();
        let body = soft.get(&asked(&browser).await);
        world.restart().await;
        assert_eq!(shows(&browser, &body).await.code(), 200);
        assert_eq!(why(&shows(&world.browser().clone(), &body).await).0, 422);
    }

    async fn whatever_is_sent_as_a_passkey_is_refused_in_words(world) {
        let owner = world.with_owner().await;
        let mut soft = world.with_passkey(&owner).await;
        let browser = world.browser();
        let good = soft.get(&asked(&browser).await)["credential"].clone();
        let mut broken = vec![json!(null), json!([]), json!({}), json!("%00"), json!({ "id": 7 }), json!([[[[]]]])];
        for field in ["clientDataJSON", "authenticatorData", "signature", "userHandle"] {
            for value in [json!(""), json!("AAAA"), json!("!!!"), json!(null), json!(7), json!("A".repeat(20_000))] {
                let mut one = good.clone();
                one["response"][field] = value;
                broken.push(one);
            }
        }
        for credential in broken {
            let ceremony = asked(&browser).await["ceremony"].clone();
            let page = shows(&browser, &json!({ "ceremony": ceremony, "credential": credential })).await;
            assert!((400..500).contains(&page.code()), "{} {credential}", page.code());
            assert!(page.json()["detail"].as_str().is_some_and(|words| !words.is_empty()), "{}", page.body);
        }
        for raw in ["", "{", "[]", "null", "{\"ceremony\":\"x\",\"credential\":{}}"] {
            let page = browser.ask(Method::POST, DOOR[1]).header("content-type", "application/json").body(raw.into()).send().await;
            assert!((400..500).contains(&page.code()), "{raw}: {}", page.code());
        }
        assert!(!browser.is_signed_in().await);
    }
}
