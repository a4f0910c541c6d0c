//! Faults that were found by reading or by attack and mended: each is a story, so that it stays mended.
use crate::recovery::{NEW, asked, is_dead, set};
use world::{Browser, OWNER, PASSWORD, Span, World};

const WRONG: &str = "surely not the right one";
const NEW_DEVICE: &str = "New sign-in to your account";

/// An owner inside with two browsers, and the way to "this was not me" of the notice about the second.
async fn with_a_notice(world: &World) -> (Browser, Browser, String) {
    let (owner, first) = world.with_owner_inside().await;
    let second = world.browser_at(2);
    owner.enter(&second).await;
    let link = world.mail_to(OWNER, NEW_DEVICE).await.remove(0).path(world, "/not-me");
    (first, second, link)
}

async fn sweep(world: &World) {
    doorward::janitor::sweep(world.app().ground()).await.unwrap();
}

world::stories! {
    async fn a_device_that_was_forgotten_for_its_failures_starts_anew_when_it_is_known_again(world) {
        let (_, browser) = world.with_owner_inside().await;
        browser.post("/sign-out", &[]).await;
        for _ in 0..140 {
            browser.get("/sign-in").await;
            browser.post("/sign-in", &[("email", OWNER), ("password", WRONG)]).await;
            world.clock.advance(Span::hours(23));
        }
        world.clock.advance(Span::days(3));
        for round in 0..2 {
            assert_eq!(browser.sign_in(OWNER, PASSWORD).await.code(), 303, "round {round}");
            browser.post("/sign-out", &[]).await;
        }
    }

    async fn not_me_makes_the_password_useless_at_once_and_the_owner_gets_in_by_mail(world) {
        let (first, second, link) = with_a_notice(&world).await;
        // Opening it, as mail scanners do, does nothing.
        for _ in 0..3 {
            world.browser_at(9).get(&link).await;
        }
        assert!(first.is_signed_in().await);
        let raised = world.browser_at(9).post(&link, &[]).await;
        assert_eq!(raised.code(), 303);
        let wrong = world.browser_at(7).sign_in(OWNER, WRONG).await;
        for browser in [&first, &second, &world.browser_at(8)] {
            assert!(!browser.is_signed_in().await);
            let page = browser.sign_in(OWNER, PASSWORD).await;
            assert_eq!((page.code(), page.alerts()), (422, wrong.alerts()), "the old password is told from a wrong one");
        }
        // Whoever pressed the button has gone away; the owner asks for a mail, or goes on from the button.
        let reset = asked(&world, &world.browser_at(10), OWNER).await.path(&world, "/reset");
        assert_eq!(set(&world.browser_at(10), &reset, NEW).await.code(), 303);
        is_dead(&world.browser_at(9).get(raised.location()).await);
        assert_eq!(world.browser_at(11).sign_in(OWNER, PASSWORD).await.code(), 422);
        assert_eq!(world.browser_at(11).sign_in(OWNER, NEW).await.code(), 303);
    }

    async fn links_of_notices_end_with_a_reset(world) {
        let (_, _, link) = with_a_notice(&world).await;
        let reset = asked(&world, &world.browser_at(8), OWNER).await.path(&world, "/reset");
        assert_eq!(set(&world.browser_at(8), &reset, NEW).await.code(), 303);
        is_dead(&world.browser_at(9).post(&link, &[]).await);
    }

    async fn links_of_notices_end_with_a_change_of_password(world) {
        let (first, _, link) = with_a_notice(&world).await;
        let changed = first.post("/app/security/password", &[("current", PASSWORD), ("password", NEW)]).await;
        assert_eq!(changed.code(), 303);
        is_dead(&world.browser_at(9).post(&link, &[]).await);
    }

    async fn keep_sessions_off_ends_them_however_a_script_says_it(world) {
        let (_, inside) = world.with_owner_inside().await;
        for word in ["off", "", "false", "0", "no"] {
            let link = asked(&world, &world.browser_at(8), OWNER).await.path(&world, "/reset");
            let fields = [("password", NEW), ("keep_sessions", word)];
            assert_eq!(world.browser_at(8).post(&link, &fields).await.code(), 303, "{word:?}");
            assert!(!inside.is_signed_in().await, "{word:?} kept a session");
            inside.sign_in(OWNER, NEW).await;
            world.clock.advance(Span::hours(2));
            inside.sign_in(OWNER, NEW).await;
        }
    }

    async fn what_has_ended_by_time_stays_ended_when_the_clock_is_set_back_and_is_in_the_log(world) {
        let (owner, inside) = world.with_owner_inside().await;
        world.clock.advance(Span::hours(12));
        sweep(&world).await;
        assert!(!inside.is_signed_in().await);
        world.clock.advance(Span::hours(-11));
        assert!(!inside.is_signed_in().await, "it lives again");
        let other = world.browser_at(3);
        owner.enter(&other).await;
        let log = other.get("/api/v1/events?kind=session-ended&limit=200").await.body;
        assert!(log.contains("\"SE-003\""), "{log}");
    }

    async fn a_session_on_a_shared_device_that_was_left_is_ended_in_the_log_too(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let shared = world.browser_at(4);
        shared.get("/sign-in").await;
        let fields = [("email", OWNER), ("password", PASSWORD), ("shared_device", "on")];
        assert_eq!(shared.post("/sign-in", &fields).await.code(), 303);
        world.clock.advance(Span::minutes(15));
        sweep(&world).await;
        let log = inside.get("/api/v1/events?kind=session-ended&limit=200").await.body;
        assert!(log.contains("\"SE-009\""), "{log} {}", owner.email);
    }

    async fn the_door_does_not_lead_to_itself(world) {
        let (_, inside) = world.with_owner_inside().await;
        for next in ["/sign-in", "/sign-in?next=/sign-in", "/sign-out", "/app/unlock", "/"] {
            let page = inside.get(&format!("/sign-in?next={next}")).await;
            assert_eq!((page.code(), page.location()), (303, "/app"), "{next}");
        }
    }

    async fn set_up_that_is_closed_is_not_there_whatever_is_sent(world) {
        world.with_owner().await;
        let browser = world.browser();
        let absent = browser.post("/nothing-here", &[]).await;
        for (path, fields) in [
            ("/setup", &[("unknown", "field")][..]),
            ("/setup?token=a&token=b", &[]),
            ("/setup?token=%ff", &[("email", "x")]),
        ] {
            let page = browser.post(path, fields).await;
            assert_eq!((page.code(), &page.body), (404, &absent.body), "{path}");
        }
    }

    async fn right_passwords_that_come_together_do_not_keep_each_other_out(world) {
        world.with_owner().await;
        let mut coming = Vec::new();
        for n in 0..24 {
            let browser = world.browser_at(60 + n);
            coming.push(tokio::spawn(async move {
                browser.get("/sign-in").await;
                browser.sign_in(OWNER, PASSWORD).await.code()
            }));
        }
        for one in coming {
            assert_eq!(one.await.unwrap(), 303);
        }
    }
}
