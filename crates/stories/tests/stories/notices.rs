//! Notices: what a person is told by mail, and the link in it that ends everything. Never more than fact, time, place, and what to do.
use crate::recovery::{NEW, asked, set};
use world::{Browser, Mail, Method, OWNER, PASSWORD, Page, Span, World};

const NEW_DEVICE: &str = "New sign-in to your account";
const CHANGED: &str = "Your password was changed";
const BY_MAIL: &str = "A new password was set by mail";
const LOCKED: &str = "Many wrong passwords for your account";
const WRONG: &str = "surely not the right one";

async fn one(world: &World, subject: &str) -> Mail {
    let mut mails = world.mail_to(OWNER, subject).await;
    assert_eq!(mails.len(), 1, "{subject}");
    mails.remove(0)
}

/// Nothing but the fact, the time, the place and the one link.
fn says_no_more(world: &World, mail: &Mail, place: &[&str]) {
    for said in place {
        assert!(
            mail.text.contains(said) && mail.html.contains(said),
            "{said} is missing: {}",
            mail.text
        );
    }
    let own = world.origin();
    for link in mail.links() {
        let is_own = link == own || link.starts_with(&format!("{own}/not-me?token="));
        assert!(is_own, "a link to {link}");
    }
    for secret in [PASSWORD, NEW, WRONG, "/reset?"] {
        assert!(
            !mail.text.contains(secret) && !mail.html.contains(secret),
            "{secret} is in a notice"
        );
    }
    assert!(
        mail.text.lines().filter(|line| !line.is_empty()).count() <= 12,
        "long: {}",
        mail.text
    );
    assert!(
        !mail.html.contains("<img") && !mail.html.contains("<script") && !mail.html.contains("url("),
        "it loads something"
    );
    assert!(mail.html.contains("prefers-color-scheme:dark") && mail.html.contains("light dark"));
    for header in ["auto-submitted", "message-id", "date", "from", "to", "subject"] {
        assert_eq!(
            mail.headers.iter().filter(|name| *name == header).count(),
            1,
            "{header}"
        );
    }
}

fn is_dead(page: &Page) {
    assert_eq!(
        (page.code(), page.heading().as_str()),
        (422, "This link does not work any more"),
        "{}",
        page.text()
    );
    assert!(page.links().iter().any(|link| link == "/forgot"));
}

/// An owner inside with one browser, and with another that they were told of: the second's notice.
async fn told(world: &World) -> (Browser, Browser, Mail) {
    let (owner, first) = world.with_owner_inside().await;
    assert!(world.mail().await.is_empty(), "the very first sign-in was told");
    let second = world
        .browser_at(2)
        .named("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0");
    owner.enter(&second).await;
    let mail = one(world, NEW_DEVICE).await;
    (first, second, mail)
}

world::stories! {
    async fn a_new_device_is_told_once_and_the_very_first_never(world) {
        let (_, second, mail) = told(&world).await;
        says_no_more(&world, &mail, &["Firefox on Windows", "127.0.0.2", "24 November 2026, 09:00 UTC"]);
        second.post("/sign-out", &[]).await;
        assert_eq!(second.sign_in(OWNER, PASSWORD).await.code(), 303);
        one(&world, NEW_DEVICE).await;
    }

    async fn a_changed_password_is_told(world) {
        let (_, inside) = world.with_owner_inside().await;
        assert_eq!(inside.post("/app/security/password", &[("current", PASSWORD), ("password", NEW)]).await.code(), 303);
        let mail = one(&world, CHANGED).await;
        says_no_more(&world, &mail, &["Firefox on Linux", "127.0.0.1", "24 November 2026, 09:00 UTC"]);
    }

    async fn a_used_reset_is_told(world) {
        world.with_owner().await;
        let browser = world.browser_at(3);
        let link = asked(&world, &browser, OWNER).await.path(&world, "/reset");
        assert_eq!(set(&browser, &link, NEW).await.code(), 303);
        let mail = one(&world, BY_MAIL).await;
        says_no_more(&world, &mail, &["Firefox on Linux", "127.0.0.3"]);
    }

    async fn a_lock_is_told_once_however_often_strangers_try(world) {
        world.with_owner().await;
        for n in 0..3 {
            let stranger = world.browser_at(40 + n);
            stranger.get("/sign-in").await;
            for _ in 0..12 {
                stranger.post("/sign-in", &[("email", OWNER), ("password", WRONG)]).await;
            }
            world.clock.advance(Span::minutes(16));
        }
        says_no_more(&world, &one(&world, LOCKED).await, &["Devices that you have used before are not affected"]);
    }

    async fn opening_the_link_of_a_notice_does_nothing(world) {
        let (first, second, mail) = told(&world).await;
        let link = mail.path(&world, "/not-me");
        for _ in 0..3 {
            let page = world.browser_at(9).ask(Method::GET, &link).without_cookies().send().await;
            assert_eq!((page.code(), page.heading().as_str()), (200, "Was this not you?"));
            assert!(page.buttons().contains(&"End all sessions".to_owned()), "{:?}", page.buttons());
        }
        assert!(first.is_signed_in().await && second.is_signed_in().await, "a GET ended a session");
    }

    async fn its_button_ends_every_session_and_leads_to_a_new_password(world) {
        let (first, second, mail) = told(&world).await;
        let earlier = asked(&world, &world.browser_at(8), OWNER).await;
        let link = mail.path(&world, "/not-me");
        let browser = world.browser_at(9);
        let page = browser.post(&link, &[]).await;
        assert!(page.code() == 303 && page.location().starts_with("/reset?token="), "{} {}", page.code(), page.location());
        assert!(!first.is_signed_in().await && !second.is_signed_in().await);
        crate::recovery::is_dead(&browser.get(&earlier.path(&world, "/reset")).await);
        is_dead(&browser.get(&link).await);
        is_dead(&browser.post(&link, &[]).await);
        assert_eq!(browser.get(page.location()).await.heading(), "Set a new password");
        assert_eq!(set(&browser, page.location(), NEW).await.code(), 303);
        assert_eq!(browser.sign_in(OWNER, NEW).await.code(), 303);
        let log = browser.get("/api/v1/events?limit=200").await.body;
        assert!(log.contains("\"alarm-raised\""));
    }

    async fn it_works_for_seven_days(world) {
        let (_, _, mail) = told(&world).await;
        let link = mail.path(&world, "/not-me");
        world.clock.advance(Span::days(7) - Span::seconds(1));
        assert_eq!(world.browser().get(&link).await.code(), 200);
        world.clock.advance(Span::seconds(1));
        is_dead(&world.browser().get(&link).await);
        is_dead(&world.browser().post(&link, &[]).await);
    }

    async fn a_session_that_was_ended_so_says_why(world) {
        let (first, _, mail) = told(&world).await;
        world.browser_at(9).post(&mail.path(&world, "/not-me"), &[]).await;
        let page = first.visit("/app").await;
        assert_eq!(page.heading(), "Sign in");
        assert!(page.text().contains("not them"), "{}", page.text());
    }

    async fn a_failed_mail_never_holds_up_what_it_tells_of(world) {
        let (_, inside) = world.with_owner_inside().await;
        let folder = world.app().ground().config.outbox_dir();
        std::fs::write(&folder, b"a file where the folder should be").unwrap();
        assert_eq!(inside.post("/app/security/password", &[("current", PASSWORD), ("password", NEW)]).await.code(), 303);
        assert_eq!(world.bring_mail().await.deferred, 1);
        std::fs::remove_file(&folder).unwrap();
        world.clock.advance(Span::minutes(1));
        one(&world, CHANGED).await;
        one(&world, CHANGED).await;
    }
}
