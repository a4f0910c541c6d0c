//! How often a new password may be asked for, by whom: so that nobody can void or burn the link of the owner.
use crate::recovery::{NEW, NOBODY, ask, asked, is_dead, resets, set, type_code};
use world::{OWNER, Span};

world::stories! {
    async fn strangers_have_three_alive_and_the_fourth_question_sends_nothing(world) {
        world.with_owner().await;
        let browser = world.browser();
        let mut mails = Vec::new();
        for _ in 0..3 {
            mails.push(asked(&world, &browser, OWNER).await);
        }
        for n in 0..4 {
            let page = ask(&world.browser_at(20 + n), OWNER).await;
            assert_eq!((page.code(), page.location()), (303, "/reset"));
        }
        ask(&browser, OWNER).await;
        assert_eq!(resets(&world, OWNER).await.len(), 3);
        for mail in &mails {
            assert_eq!(browser.get(&mail.path(&world, "/reset")).await.code(), 200, "a question voided a link");
        }
        assert_eq!(type_code(&browser, &mails[0].code()).await.code(), 303, "a question voided a code");
        is_dead(&browser.get(&mails[1].path(&world, "/reset")).await);
    }

    async fn strangers_have_five_mails_an_hour(world) {
        world.with_owner().await;
        let many = async |n: u8| for at in 0..n { ask(&world.browser_at(30 + at), OWNER).await; };
        many(4).await;
        assert_eq!(resets(&world, OWNER).await.len(), 3);
        world.clock.advance(Span::minutes(31));
        many(4).await;
        assert_eq!(resets(&world, OWNER).await.len(), 5);
        world.clock.advance(Span::minutes(29) + Span::seconds(1));
        many(4).await;
        assert_eq!(resets(&world, OWNER).await.len(), 6, "of three places one is free: two links are alive");
    }

    async fn a_known_device_has_three_of_its_own(world) {
        let (_, known) = world.with_owner_inside().await;
        known.post("/sign-out", &[]).await;
        for n in 0..6 {
            ask(&world.browser_at(40 + n), OWNER).await;
        }
        assert_eq!(resets(&world, OWNER).await.len(), 3);
        for n in 1..=4 {
            ask(&known, OWNER).await;
            assert_eq!(resets(&world, OWNER).await.len(), 3 + usize::min(n, 3));
        }
        let stranger = world.browser_at(50);
        ask(&stranger, OWNER).await;
        let mails = resets(&world, OWNER).await;
        assert_eq!(mails.len(), 6);
        for mail in mails {
            assert_eq!(stranger.get(&mail.path(&world, "/reset")).await.code(), 200);
        }
    }

    async fn a_network_asks_twenty_times_an_hour_over_all_addresses(world) {
        world.with_owner().await;
        for n in 0..20 {
            assert_eq!(ask(&world.browser_at(60), &format!("p{n}@elsewhere.example")).await.code(), 303, "question {n}");
        }
        let mut answers = Vec::new();
        for email in [OWNER, NOBODY] {
            let page = ask(&world.browser_at(60), email).await;
            assert_eq!((page.code(), page.retry_after()), (429, Some(3600)), "{email}");
            answers.push(page.body);
        }
        assert_eq!(answers[0], answers[1], "the answer depends on the address");
        assert!(resets(&world, OWNER).await.is_empty());
        asked(&world, &world.browser_at(61), OWNER).await;
        world.clock.advance(Span::hours(1));
        asked(&world, &world.browser_at(60), OWNER).await;
    }

    async fn the_limits_survive_a_restart(world) {
        world.with_owner().await;
        for _ in 0..3 {
            ask(&world.browser_at(2), OWNER).await;
        }
        world.restart().await;
        ask(&world.browser_at(3), OWNER).await;
        assert_eq!(resets(&world, OWNER).await.len(), 3);
    }

    async fn nobody_can_void_or_burn_the_owners_link(world) {
        let (_, known) = world.with_owner_inside().await;
        known.post("/sign-out", &[]).await;
        let mail = asked(&world, &known, OWNER).await;
        for n in 0..12 {
            let stranger = world.browser_at(70 + n);
            ask(&stranger, OWNER).await;
            for _ in 0..3 {
                type_code(&stranger, "1234-5678").await;
            }
            set(&stranger, "/reset?token=wrong", NEW).await;
        }
        assert_eq!(type_code(&known, &mail.code()).await.code(), 303, "strangers burned the owner's code");
    }
}
