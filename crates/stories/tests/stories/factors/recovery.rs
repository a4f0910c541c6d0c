//! A lost phone: a recovery code gets its owner in, once, and a mail tells of it. DESIGN 2; ASVS 6.3.7, 6.5.1.
use super::flow::{at_factor, confirm};
use world::{Browser, Method, Person, Span, World};

/// Ten codes, made by the API as a script would.
pub(super) async fn codes(inside: &Browser) -> Vec<String> {
    let made = inside
        .ask(Method::POST, "/api/v1/me/authenticators/recovery-codes")
        .send()
        .await;
    assert_eq!(made.code(), 201, "{}", made.text());
    let list = made.json();
    list["codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect()
}

/// An owner with an app and recovery codes.
async fn prepared(world: &World) -> (Person, Vec<String>) {
    let (owner, inside) = world.with_owner_inside().await;
    let codes = codes(&inside).await;
    world.with_app(&owner).await;
    world.clock.advance(Span::hours(1));
    (owner, codes)
}

world::stories! {
    async fn each_code_gets_its_owner_in_once_and_a_mail_says_how_many_are_left(world) {
        let (owner, codes) = prepared(&world).await;
        assert_eq!(codes.len(), 10);
        for (used, code) in (1..).zip(&codes) {
            let browser = at_factor(&world, &owner).await;
            let page = confirm(&browser, code).await;
            assert_eq!((page.code(), page.location()), (303, "/app"), "{}", page.text());
            let mails = world.mail_to(&owner.email, "A recovery code was used").await;
            assert_eq!(mails.len(), used);
            let told = &mails.last().unwrap().text;
            let left = 10 - used;
            match left {
                0 => assert!(told.contains("the last one"), "{told}"),
                1 => assert!(told.contains("Only 1 of the set is left"), "{told}"),
                2..=3 => assert!(told.contains(&format!("Only {left} of the set are left")), "{told}"),
                _ => assert!(told.contains(&format!("{left} of the set are left")), "{told}"),
            }
            if left > 0 {
                let again = at_factor(&world, &owner).await;
                assert_eq!(confirm(&again, code).await.code(), 422, "a second time");
            }
        }
    }

    async fn one_code_in_two_browsers_at_once_opens_one_session(world) {
        let (owner, codes) = prepared(&world).await;
        let browsers = [at_factor(&world, &owner).await, at_factor(&world, &owner).await, at_factor(&world, &owner).await];
        let tasks: Vec<_> = browsers.into_iter().map(|browser| {
            let code = codes[0].clone();
            tokio::spawn(async move { confirm(&browser, &code).await })
        }).collect();
        let mut opened = 0;
        for task in tasks {
            opened += usize::from(task.await.expect("no panic").location() == "/app");
        }
        assert_eq!(opened, 1);
    }

    async fn a_new_set_voids_the_old_one_and_is_told_of(world) {
        let (owner, inside) = world.with_owner_inside().await;
        let old = codes(&inside).await;
        let new = codes(&inside).await;
        world.with_app(&owner).await;
        assert!(old.iter().all(|code| !new.contains(code)));
        let browser = at_factor(&world, &owner).await;
        assert_eq!(confirm(&browser, &old[0]).await.code(), 422);
        assert_eq!(confirm(&browser, &new[0]).await.code(), 303);
        assert_eq!(world.mail_to(&owner.email, "New recovery codes were made").await.len(), 2);
    }
}
