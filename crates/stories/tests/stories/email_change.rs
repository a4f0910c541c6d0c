//! Another address: asked for with the password, confirmed at the new mailbox, told to the old one, which can undo it for seven days.
use crate::recovery::{NEW, asked, resets, set};
use world::{Browser, Mail, Method, OWNER, PASSWORD, Page, Span, World};

const NEXT: &str = "olive.new@northwind.example";
const OTHER: &str = "olive.other@northwind.example";
const CONFIRM: &str = "Confirm your new e-mail address";
const CHANGED: &str = "Your e-mail address was changed";

/// Asks for another address, as the form on My security does.
pub async fn want(browser: &Browser, email: &str, password: &str) -> Page {
    browser
        .post("/app/security/email", &[("email", email), ("email_password", password)])
        .await
}

/// Asks, and answers the link that the new mailbox got.
pub async fn wanted(world: &World, browser: &Browser, email: &str) -> String {
    let page = want(browser, email, PASSWORD).await;
    assert_eq!(page.code(), 303, "{}", page.text());
    newest(world, email, CONFIRM).await.path(world, "/email/confirm")
}

/// The way back that the old mailbox got.
pub async fn way_back(world: &World, old: &str) -> String {
    let mails = world.mail_to(old, CHANGED).await;
    let with_button: Vec<&Mail> = mails.iter().filter(|mail| mail.text.contains("/email/undo?")).collect();
    with_button
        .last()
        .expect("a mail to the old address")
        .path(world, "/email/undo")
}

async fn newest(world: &World, to: &str, subject: &str) -> Mail {
    let mails = world.mail_to(to, subject).await;
    mails
        .last()
        .unwrap_or_else(|| panic!("nothing for {to} with {subject}"))
        .clone()
}

async fn address(world: &World, email: &str, password: &str) -> u16 {
    world.browser_at(99).sign_in(email, password).await.code()
}

/// A link that works no more: it says so, and leads on.
fn is_dead(page: &Page) {
    assert_eq!(
        (page.code(), page.heading().as_str()),
        (422, "This link does not work any more"),
        "{}",
        page.text()
    );
}

world::stories! {
    async fn an_address_is_changed_once_the_new_mailbox_has_confirmed(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, NEXT).await;
        assert!(world.mail_to(OWNER, CONFIRM).await.is_empty());
        assert_eq!(inside.get("/api/v1/me").await.json()["email"], OWNER, "changed before it was confirmed");
        for _ in 0..3 {
            let page = world.browser_at(3).ask(Method::GET, &link).without_cookies().send().await;
            assert_eq!((page.code(), page.heading().as_str()), (200, "Confirm your new address"));
            assert!(page.text().contains(NEXT) && page.text().contains(OWNER), "{}", page.text());
        }
        assert_eq!(inside.get("/api/v1/me").await.json()["email"], OWNER, "a GET changed the address");
        assert_eq!(world.browser_at(3).post(&link, &[]).await.code(), 303);
        assert!(!inside.is_signed_in().await, "a session of the old address lives on");
        assert_eq!((address(&world, NEXT, PASSWORD).await, address(&world, OWNER, PASSWORD).await), (303, 422));
        assert_eq!(newest(&world, NEXT, CHANGED).await.to, [NEXT]);
        assert!(newest(&world, OWNER, CHANGED).await.text.contains("Undo the change"));
        is_dead(&world.browser().get(&link).await);
        is_dead(&world.browser().post(&link, &[]).await);
    }

    async fn the_change_asks_for_the_password(world) {
        let (_, inside) = world.with_owner_inside().await;
        for wrong in ["", "surely not the right one"] {
            let page = want(&inside, NEXT, wrong).await;
            assert_eq!(page.code(), 422);
            assert!(page.error_of("email_password").is_some(), "{}", page.body);
        }
        let without = inside.post("/app/security/email", &[("email", NEXT)]).await;
        assert_eq!(without.code(), 422);
        assert!(world.mail_to(NEXT, CONFIRM).await.is_empty());
        for _ in 0..10 {
            want(&inside, NEXT, "surely not the right one").await;
        }
        let locked = want(&inside, NEXT, PASSWORD).await;
        assert_eq!(locked.code(), 429, "a stolen session guesses the password as often as it likes");
        assert!(locked.retry_after().is_some());
    }

    async fn nobody_fills_anothers_mailbox_with_questions(world) {
        let (_, inside) = world.with_owner_inside().await;
        for _ in 0..5 {
            assert_eq!(want(&inside, NEXT, PASSWORD).await.code(), 303);
        }
        for next in [NEXT, OTHER] {
            let page = want(&inside, next, PASSWORD).await;
            assert_eq!(page.code(), 422);
            assert!(page.error_of("email").is_some_and(|told| told.contains("too many")), "{}", page.body);
        }
        assert_eq!((world.mail_to(NEXT, CONFIRM).await.len(), world.mail_to(OTHER, CONFIRM).await.len()), (5, 0));
        world.clock.advance(Span::minutes(60) + Span::seconds(1));
        inside.post("/app/unlock", &[("password", PASSWORD)]).await;
        assert_eq!(want(&inside, OTHER, PASSWORD).await.code(), 303);
    }

    async fn what_is_no_new_address_is_told_at_the_field(world) {
        let (_, inside) = world.with_owner_inside().await;
        for bad in ["", "olive", OWNER, "OLIVE@northwind.example", "a@b@c", "olive@northwind.example\r\nBcc: eve@evil.example"] {
            let page = want(&inside, bad, PASSWORD).await;
            assert_eq!(page.code(), 422, "{bad}");
            assert!(page.error_of("email").is_some(), "{bad}: {}", page.body);
        }
        assert!(world.mail().await.is_empty());
    }

    async fn whether_an_address_has_an_account_is_not_told(world) {
        let (_, inside) = world.with_owner_inside().await;
        world.person("bob").await;
        let taken = want(&inside, "bob@northwind.example", PASSWORD).await;
        let free = want(&inside, NEXT, PASSWORD).await;
        assert_eq!((taken.code(), taken.location()), (free.code(), free.location()));
        let link = newest(&world, "bob@northwind.example", CONFIRM).await.path(&world, "/email/confirm");
        is_dead(&world.browser().post(&link, &[]).await);
        assert_eq!(address(&world, OWNER, PASSWORD).await, 303);
        assert_eq!(address(&world, "bob@northwind.example", PASSWORD).await, 303);
    }

    async fn the_link_lives_a_day(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, NEXT).await;
        world.clock.advance(Span::hours(24) - Span::seconds(1));
        assert_eq!(world.browser().get(&link).await.code(), 200);
        world.clock.advance(Span::seconds(1));
        is_dead(&world.browser().get(&link).await);
        is_dead(&world.browser().post(&link, &[]).await);
    }

    async fn parallel_changes_confirm_only_what_each_asked_for(world) {
        let (_, inside) = world.with_owner_inside().await;
        let (first, second) = (wanted(&world, &inside, NEXT).await, wanted(&world, &inside, OTHER).await);
        assert_ne!(first, second);
        assert_eq!(world.browser().post(&second, &[]).await.code(), 303);
        assert_eq!((address(&world, OTHER, PASSWORD).await, address(&world, NEXT, PASSWORD).await), (303, 422));
        is_dead(&world.browser().post(&first, &[]).await);
        assert_eq!(address(&world, OTHER, PASSWORD).await, 303, "an older question was confirmed after a newer one");
    }

    async fn of_two_changes_confirmed_at_once_one_holds(world) {
        let (_, inside) = world.with_owner_inside().await;
        let links = [wanted(&world, &inside, NEXT).await, wanted(&world, &inside, OTHER).await];
        let mut tasks = Vec::new();
        for n in 0..20_u8 {
            let (browser, link) = (world.browser_at(10 + n), links[usize::from(n % 2)].clone());
            tasks.push(tokio::spawn(async move { browser.post(&link, &[]).await.code() }));
        }
        let mut confirmed = 0;
        for task in tasks {
            let code = task.await.unwrap();
            assert!([303, 422].contains(&code), "{code}");
            confirmed += usize::from(code == 303);
        }
        assert_eq!(confirmed, 1);
        let held = [address(&world, NEXT, PASSWORD).await, address(&world, OTHER, PASSWORD).await];
        assert_eq!(held.iter().filter(|code| **code == 303).count(), 1, "{held:?}");
    }

    async fn two_people_who_want_one_address_do_not_both_get_it(world) {
        let (_, inside) = world.with_owner_inside().await;
        let bob = world.person("bob").await;
        let other = world.browser_at(2);
        bob.enter(&other).await;
        let first = wanted(&world, &inside, NEXT).await;
        want(&other, NEXT, PASSWORD).await;
        let mails = world.mail_to(NEXT, CONFIRM).await;
        let links: Vec<String> = mails.iter().map(|mail| mail.path(&world, "/email/confirm")).collect();
        assert!(links.len() == 2 && links.contains(&first));
        let both: Vec<_> = links.into_iter().map(|link| { let browser = world.browser_at(30); tokio::spawn(async move { browser.post(&link, &[]).await.code() }) }).collect();
        let mut codes = Vec::new();
        for task in both {
            codes.push(task.await.unwrap());
        }
        codes.sort_unstable();
        assert_eq!(codes, [303, 422]);
    }

    async fn the_old_address_can_undo_it_for_seven_days(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, NEXT).await;
        world.browser().post(&link, &[]).await;
        let thief = world.browser_at(6);
        assert_eq!(thief.sign_in(NEXT, PASSWORD).await.code(), 303);
        let undo = way_back(&world, OWNER).await;
        world.clock.advance(Span::days(7) - Span::seconds(1));
        for _ in 0..3 {
            let page = world.browser().ask(Method::GET, &undo).without_cookies().send().await;
            assert_eq!((page.code(), page.heading().as_str()), (200, "Undo the change of address"));
        }
        assert_eq!(address(&world, NEXT, PASSWORD).await, 303, "a GET undid it");
        let owner = world.browser_at(7);
        let done = owner.post(&undo, &[]).await;
        assert!(done.code() == 303 && done.location().starts_with("/reset?token="), "{} {}", done.code(), done.location());
        assert!(!thief.is_signed_in().await, "a session of whoever changed it lives on");
        assert_eq!(address(&world, NEXT, PASSWORD).await, 422);
        assert_eq!(set(&owner, done.location(), NEW).await.code(), 303);
        assert_eq!(address(&world, OWNER, NEW).await, 303);
        is_dead(&owner.get(&undo).await);
        is_dead(&owner.post(&undo, &[]).await);
    }

    async fn after_seven_days_it_cannot_be_undone(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, NEXT).await;
        world.browser().post(&link, &[]).await;
        let undo = way_back(&world, OWNER).await;
        world.clock.advance(Span::days(7));
        is_dead(&world.browser().get(&undo).await);
        is_dead(&world.browser().post(&undo, &[]).await);
        assert_eq!(address(&world, NEXT, PASSWORD).await, 303);
    }

    async fn undoing_leaves_no_way_in_to_whoever_held_the_account_in_between(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, NEXT).await;
        world.browser().post(&link, &[]).await;
        let undo = way_back(&world, OWNER).await;
        world.clock.advance(Span::minutes(5));
        // Whoever took it asks for a reset, goes on to a third address, and keeps every mail.
        let thief = world.browser_at(6);
        assert_eq!(thief.sign_in(NEXT, PASSWORD).await.code(), 303);
        let link = wanted(&world, &thief, OTHER).await;
        thief.post(&link, &[]).await;
        let reset = asked(&world, &world.browser_at(8), OTHER).await.path(&world, "/reset");
        let back = way_back(&world, NEXT).await;
        let mut alarms = Vec::new();
        for mail in world.mail().await.iter().filter(|mail| mail.to != [OWNER] && mail.text.contains("/not-me?")) {
            alarms.push(mail.path(&world, "/not-me"));
        }
        assert!(!alarms.is_empty());
        world.clock.advance(Span::minutes(5));
        let owner = world.browser_at(7);
        let done = owner.post(&undo, &[]).await;
        assert_eq!(set(&owner, done.location(), NEW).await.code(), 303);
        is_dead(&thief.post(&back, &[]).await);
        is_dead(&set(&thief, &reset, PASSWORD).await);
        for alarm in alarms {
            is_dead(&thief.post(&alarm, &[]).await);
        }
        assert_eq!(address(&world, OWNER, NEW).await, 303, "the account was taken again");
    }

    async fn links_to_reset_the_password_die_with_the_old_address(world) {
        let (_, inside) = world.with_owner_inside().await;
        let reset = asked(&world, &world.browser_at(2), OWNER).await.path(&world, "/reset");
        let link = wanted(&world, &inside, NEXT).await;
        world.browser().post(&link, &[]).await;
        is_dead(&world.browser().get(&reset).await);
        is_dead(&set(&world.browser(), &reset, NEW).await);
        crate::recovery::ask(&world.browser_at(3), OWNER).await;
        assert_eq!(resets(&world, OWNER).await.len(), 1, "the old address still gets links");
    }

    async fn a_change_that_was_asked_for_dies_with_the_password_it_was_asked_with(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, NEXT).await;
        world.clock.advance(Span::minutes(1));
        assert_eq!(inside.post("/app/security/password", &[("current", PASSWORD), ("password", NEW)]).await.code(), 303);
        is_dead(&world.browser().post(&link, &[]).await);
        assert_eq!(address(&world, OWNER, NEW).await, 303);
        assert_eq!(want(&inside, OTHER, NEW).await.code(), 303);
        let link = newest(&world, OTHER, CONFIRM).await.path(&world, "/email/confirm");
        let reset = asked(&world, &world.browser_at(2), OWNER).await.path(&world, "/reset");
        assert_eq!(set(&world.browser_at(2), &reset, PASSWORD).await.code(), 303);
        is_dead(&world.browser().post(&link, &[]).await);
        assert_eq!(address(&world, OWNER, PASSWORD).await, 303);
    }

    async fn a_change_is_in_the_log(world) {
        let (_, inside) = world.with_owner_inside().await;
        let link = wanted(&world, &inside, NEXT).await;
        world.browser().post(&link, &[]).await;
        let undo = way_back(&world, OWNER).await;
        let done = world.browser().post(&undo, &[]).await;
        set(&world.browser(), done.location(), NEW).await;
        let browser = world.browser();
        assert_eq!(browser.sign_in(OWNER, NEW).await.code(), 303);
        let log = browser.get("/api/v1/events?limit=200").await.body;
        for kind in ["email-change-asked", "email-changed", "email-change-undone"] {
            assert!(log.contains(&format!("\"{kind}\"")), "{kind} is missing");
        }
    }
}
