//! Mails in the person's language: where it comes from, how it is changed, and that every letter keeps to it.
use crate::recovery::NEW;
use serde_json::json;
use world::{Browser, Mail, Method, OWNER, PASSWORD, World};

/// Sets up the organisation with a browser that likes these languages; answers a browser in which its owner is signed in.
async fn owner_who_reads(world: &World, accepted: &str) -> Browser {
    let path = world.setup_path().await.expect("no owner yet");
    let fields = [
        ("organisation", "Northwind IT"),
        ("name", "Olive Owner"),
        ("email", OWNER),
        ("password", PASSWORD),
    ];
    let ask = world.browser().ask(Method::POST, &path).form(&fields);
    let page = ask.header("accept-language", accepted).send().await;
    assert_eq!(page.code(), 303, "{}", page.text());
    let browser = world.browser();
    assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 303);
    browser
}

/// The one mail with this subject, which is all in this language.
async fn one(world: &World, to: &str, subject: &str, tag: &str) -> Mail {
    let mut mails = world.mail_to(to, subject).await;
    let all: Vec<String> = world.mail().await.into_iter().map(|mail| mail.subject).collect();
    assert_eq!(mails.len(), 1, "{subject} to {to}, of {all:?}");
    let mail = mails.remove(0);
    assert!(mail.html.contains(&format!("<html lang=\"{tag}\">")), "{}", mail.html);
    for text in [&mail.text, &mail.html] {
        assert!(!text.contains(['\u{2068}', '\u{2069}']), "{text}");
    }
    mail
}

async fn language(browser: &Browser) -> String {
    let me = browser.get("/api/v1/me").await.json();
    me["language"].as_str().expect("a language").to_owned()
}

async fn speak(browser: &Browser, tag: &str) {
    let page = browser
        .ask(Method::PATCH, "/api/v1/me")
        .json(&json!({ "language": tag }))
        .send()
        .await;
    assert_eq!(page.code(), 200, "{}", page.body);
}

world::stories! {
    async fn a_person_whose_browser_likes_german_gets_the_german_notice(world) {
        let first = owner_who_reads(&world, "zh;q=0.9, de-AT, en;q=0.5").await;
        assert_eq!(language(&first).await, "de");
        let second = world.browser_at(2);
        assert_eq!(second.sign_in(OWNER, PASSWORD).await.code(), 303);
        let mail = one(&world, OWNER, "Neue Anmeldung bei Ihrem Konto", "de").await;
        for said in ["Guten Tag Olive Owner,", "24. November 2026 um 09:00 Uhr (UTC)", "Firefox auf Linux", "127.0.0.2", "Das war ich nicht"] {
            assert!(mail.text.contains(said) && mail.html.contains(said), "{said} is missing: {}", mail.text);
        }
        mail.path(&world, "/not-me");
        assert!(!mail.text.contains("your") && !mail.html.contains("Hello"), "{}", mail.text);
    }

    async fn every_letter_comes_in_the_language_of_its_reader(world) {
        let inside = owner_who_reads(&world, "nl").await;
        inside.post("/app/settings/messages/test", &[]).await;
        one(&world, OWNER, "Testbericht van Doorward", "nl").await;
        world.browser_at(2).post("/forgot", &[("email", OWNER)]).await;
        let mail = one(&world, OWNER, "Kies een nieuw wachtwoord", "nl").await;
        assert!(mail.text.contains("30 minuten") && mail.text.contains("aangevraagd: "), "{}", mail.text);
        let reset = mail.path(&world, "/reset");
        assert_eq!(world.browser_at(2).post(&reset, &[("password", NEW)]).await.code(), 303);
        one(&world, OWNER, "Er is via e-mail een nieuw wachtwoord ingesteld", "nl").await;
        let inside = world.browser();
        inside.sign_in(OWNER, NEW).await;
        let to = "olive.new@northwind.example";
        inside.post("/app/security/email", &[("email", to), ("email_password", NEW)]).await;
        let confirm = one(&world, to, "Bevestig uw nieuwe e-mailadres", "nl").await.path(&world, "/email/confirm");
        assert_eq!(inside.post(&confirm, &[]).await.code(), 303);
        one(&world, to, "Uw e-mailadres is gewijzigd", "nl").await;
        one(&world, OWNER, "Uw e-mailadres is gewijzigd", "nl").await.path(&world, "/email/undo");
    }

    async fn somebody_whose_language_we_do_not_write_gets_english(world) {
        let browser = owner_who_reads(&world, "tlh, eo;q=0.8").await;
        assert_eq!(language(&browser).await, "en");
        assert_eq!(world.browser_at(2).sign_in(OWNER, PASSWORD).await.code(), 303);
        one(&world, OWNER, "New sign-in to your account", "en").await;
    }

    async fn a_language_is_chosen_on_my_security(world) {
        let browser = owner_who_reads(&world, "en").await;
        let page = browser.get("/app/security").await;
        assert_eq!(page.label_of("language").as_deref(), Some("Language"));
        assert!(page.body.contains("<option value=\"en\" lang=\"en\" selected>English</option>"), "{}", page.body);
        let done = browser.post("/app/security/language", &[("language", "es")]).await;
        assert_eq!((done.code(), done.location()), (303, "/app/security?done=language"));
        let page = browser.get("/app/security?done=language").await;
        assert!(page.text().contains("From now on your mails come in this language.") && page.body.contains("lang=\"es\" selected>"));
        assert_eq!(browser.post("/app/security/password", &[("current", PASSWORD), ("password", NEW)]).await.code(), 303);
        one(&world, OWNER, "Su contraseña ha cambiado", "es").await;
        let log = browser.get("/api/v1/events?kind=language-changed").await.json();
        assert_eq!(log["items"].as_array().map(Vec::len), Some(1), "{log}");
    }

    async fn the_api_tells_and_changes_it(world) {
        let browser = owner_who_reads(&world, "en").await;
        for (tag, kept) in [("fr-CA", "fr"), ("NL", "nl"), ("de", "de")] {
            speak(&browser, tag).await;
            assert_eq!(language(&browser).await, kept);
        }
        let both = json!({"name": "Olive Oak", "language": "fr"});
        let me = browser.ask(Method::PATCH, "/api/v1/me").json(&both).send().await.json();
        assert_eq!((me["name"].as_str(), me["language"].as_str()), (Some("Olive Oak"), Some("fr")));
        for body in [json!({}), json!({"language": null}), json!({"language": 5}), json!({"language": ["de"]})] {
            let page = browser.ask(Method::PATCH, "/api/v1/me").json(&body).send().await;
            assert_eq!(page.code(), 400, "{body}: {}", page.body);
        }
        assert_eq!(language(&browser).await, "fr");
    }

    async fn a_language_that_we_do_not_write_is_refused_with_words(world) {
        let browser = owner_who_reads(&world, "de").await;
        for tag in ["tlh", "", "english", "de_AT", "*", "en\u{0}"] {
            let page = browser.ask(Method::PATCH, "/api/v1/me").json(&json!({ "language": tag, "name": "Olive Oak" })).send().await;
            let problem = page.json();
            assert_eq!((page.code(), problem["reason"].as_str()), (422, Some("PE-004")), "{tag:?}: {problem}");
            assert_eq!(problem["errors"][0]["field"], "language");
            let said = problem["errors"][0]["message"].as_str().unwrap();
            assert!(said.contains("We do not write this language yet.") && said.contains("Dutch"), "{said}");
        }
        let page = browser.post("/app/security/language", &[("language", "tlh")]).await;
        assert_eq!(page.code(), 422);
        assert!(page.body.contains("id=\"language-error\"") && page.text().contains("We do not write this language yet."));
        let both = browser.ask(Method::PATCH, "/api/v1/me").json(&json!({"name": "", "language": "tlh"})).send().await.json();
        assert_eq!(both["errors"].as_array().map(Vec::len), Some(2), "{both}");
        let me = browser.get("/api/v1/me").await.json();
        assert_eq!((me["name"].as_str(), me["language"].as_str()), (Some("Olive Owner"), Some("de")), "half a change was kept");
    }
}
