//! The queue on both engines: who gets which message, what waits, what ends, what is kept.
use super::{
    office::{ORG, SHORT, office, offices},
    server::{Deed, Server},
};
use crate::delivery::{
    self, Filter, Kind, Postman, Purpose, State,
    decide::{Outcome, settle},
    store,
};
use kernel::Span;
use std::collections::HashSet;
use uuid::Uuid;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_several_nodes_each_message_leaves_once() {
    for office in offices().await {
        let server = Server::start().await;
        let mut ids = Vec::new();
        for n in 0..80 {
            ids.push(office.post(&format!("p{n}@example.org")).await);
        }
        let nodes = [
            office.postman(&[server.at]),
            office.postman(&[server.at]),
            office.postman(&[server.at]),
        ];
        let turns: Vec<_> = nodes
            .iter()
            .cloned()
            .map(|node| tokio::spawn(async move { node.turn().await }))
            .collect();
        let mut taken = 0;
        for turn in turns {
            taken += turn.await.unwrap().taken;
        }
        let sent: HashSet<String> = server
            .got()
            .iter()
            .map(delivery::tests::server::Got::message_id)
            .collect();
        assert_eq!((taken, server.got().len(), sent.len()), (80, 80, 80));
        for id in ids {
            assert_eq!(office.history(id).await, ["taken"]);
        }
    }
}

#[tokio::test]
async fn one_claim_has_one_winner_and_a_lost_lease_no_say() {
    for office in offices().await {
        let id = office.post("ana@example.org").await;
        let now = office.now();
        let claims: Vec<_> = (0..20_u128)
            .map(|n| {
                let store = office.store.clone();
                let lease = Uuid::from_u128(n);
                tokio::spawn(async move {
                    store
                        .write(move |tx| store::claim(tx, Kind::Mail, now, lease, now + Span::minutes(15)))
                        .await
                })
            })
            .collect();
        let mut won = Vec::new();
        for (n, claim) in (0_u128..).zip(claims) {
            won.extend(
                claim
                    .await
                    .unwrap()
                    .unwrap()
                    .map(|claimed| (Uuid::from_u128(n), claimed)),
            );
        }
        assert_eq!(won.len(), 1);
        let (lease, claimed) = won.remove(0);
        // The node that had it stood still for too long: another one takes over.
        office.advance(Span::minutes(16));
        let now = office.now();
        let other = Uuid::from_u128(99);
        let again = office
            .store
            .write(move |tx| store::claim(tx, Kind::Mail, now, other, now + Span::minutes(15)))
            .await
            .unwrap()
            .unwrap();
        assert_eq!((again.id, again.tries), (id, 2));
        let late = settle(
            &claimed.facts(Kind::Mail),
            Outcome::Deferred { said: "451".into() },
            now,
            0,
        );
        assert!(
            !office
                .store
                .write(move |tx| store::settle(tx, id, lease, &late, now))
                .await
                .unwrap()
        );
        // What the slow one handed over after all is not handed over again.
        let taken = Outcome::Taken {
            by: "mx".into(),
            said: "250".into(),
        };
        let taken = settle(&claimed.facts(Kind::Mail), taken, now, 0);
        assert!(
            office
                .store
                .write(move |tx| store::settle(tx, id, lease, &taken, now))
                .await
                .unwrap()
        );
        let more = settle(
            &again.facts(Kind::Mail),
            Outcome::Refused { said: "550".into() },
            now,
            0,
        );
        assert!(
            !office
                .store
                .write(move |tx| store::settle(tx, id, other, &more, now))
                .await
                .unwrap()
        );
        assert_eq!(office.history(id).await, ["lost", "taken"]);
    }
}

#[tokio::test]
async fn whoever_waits_for_a_message_is_served_first() {
    for office in offices().await {
        let server = Server::start().await;
        let notice = office.post_as("notice@example.org", Purpose::Notice, None).await;
        office.advance(Span::seconds(1));
        let reset = office.post("reset@example.org").await;
        let now = office.now();
        let first = office
            .store
            .write(move |tx| store::claim(tx, Kind::Mail, now, Uuid::from_u128(1), now + Span::minutes(1)))
            .await;
        assert_eq!(first.unwrap().unwrap().id, reset);
        office.postman(&[server.at]).turn().await;
        assert_eq!(office.state(notice).await.name(), "taken");
    }
}

#[tokio::test]
async fn a_server_that_is_away_for_an_hour_delays_and_loses_nothing() {
    for office in offices().await {
        let server = Server::start().await;
        server.misbehave(Some(("greeting", Deed::Drop)));
        let postman = office.postman(&[server.at]);
        let mut ids = Vec::new();
        for n in 0..10 {
            ids.push(office.post(&format!("p{n}@example.org")).await);
        }
        for _ in 0..60 {
            postman.turn().await;
            postman.turn().await;
            office.advance(Span::minutes(1));
        }
        assert!(
            server.connections() < 300,
            "a closed door is not knocked at without end: {}",
            server.connections()
        );
        for id in &ids {
            let State::Deferred { since, next_at, said } = office.state(*id).await else {
                panic!("{:?}", office.state(*id).await)
            };
            assert!(since < office.now() && next_at <= office.now() + Span::minutes(1) && !said.is_empty());
            assert!(
                office.history(*id).await.len() <= 2,
                "the same words each minute are one line"
            );
        }
        server.misbehave(None);
        office.advance(Span::minutes(1));
        assert_eq!(postman.turn().await.taken, 10);
        assert_eq!(server.got().len(), 10);
    }
}

#[tokio::test]
async fn waits_grow_for_a_day_and_then_it_is_given_up() {
    let (office, server) = (office().await, Server::start().await);
    server.misbehave(Some(("RCPT", Deed::Say("450 4.2.1 greylisted"))));
    let postman = office.postman(&[server.at]);
    let (id, began) = (office.post("ana@example.org").await, office.now());
    let mut waits = Vec::new();
    while office.state(id).await.is_under_way() {
        postman.turn().await;
        if let State::Deferred { next_at, .. } = office.state(id).await {
            waits.push(next_at - office.now());
            office.advance(next_at - office.now());
        }
    }
    assert!(waits.windows(2).take(6).all(|pair| pair[0] < pair[1]), "{waits:?}");
    assert!((40..70).contains(&waits.len()), "{}", waits.len());
    assert!(office.now() - began >= Span::hours(23) && office.now() - began <= Span::hours(24));
    let state = office.state(id).await;
    assert!(
        matches!(&state, State::GivenUp { said, .. } if said.contains("greylisted")),
        "{state:?}"
    );
    assert!(!office.is_kept(id).await);
    office.advance(Span::hours(1));
    server.misbehave(None);
    assert_eq!(postman.turn().await, delivery::Turn::default());
}

#[tokio::test]
async fn a_letter_whose_link_has_ended_is_not_sent() {
    for office in offices().await {
        let server = Server::start().await;
        let id = office
            .post_as(
                "ana@example.org",
                Purpose::Reset,
                Some(office.now() + Span::minutes(30)),
            )
            .await;
        office.advance(Span::minutes(30));
        assert_eq!(office.postman(&[server.at]).turn().await.given_up, 1);
        assert!(server.got().is_empty() && !office.is_kept(id).await);
    }
}

#[tokio::test]
async fn what_a_message_says_lies_in_no_file() {
    let office = office().await;
    let id = office.post("ana@example.org").await;
    assert!(office.is_kept(id).await);
    office.store.close().await;
    for entry in std::fs::read_dir(&office.folder).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(10).any(|window| window == b"SECRETLINK"));
    }
}

#[tokio::test]
async fn a_refused_message_can_be_sent_again_while_it_is_good() {
    for office in offices().await {
        let server = Server::start().await;
        server.misbehave(Some(("RCPT", Deed::Say("550 5.1.1 nobody"))));
        let postman = office.postman(&[server.at]);
        let id = office.post("ana@example.org").await;
        postman.turn().await;
        let now = office.now();
        let foreign = kernel::Organisation(kernel::OrganisationId(Uuid::from_u128(7)));
        assert!(
            !office
                .store
                .write(move |tx| store::resend(tx, foreign, id, now))
                .await
                .unwrap()
        );
        assert!(
            office
                .store
                .write(move |tx| store::resend(tx, ORG, id, now))
                .await
                .unwrap()
        );
        server.misbehave(None);
        assert_eq!(postman.turn().await.taken, 1);
        assert!(
            !office
                .store
                .write(move |tx| store::resend(tx, ORG, id, now))
                .await
                .unwrap()
        );
        assert_eq!(office.history(id).await, ["refused", "again", "taken"]);
    }
}

#[tokio::test]
async fn lists_are_an_organisations_own_and_go_on_where_they_ended() {
    for office in offices().await {
        let mut ids = Vec::new();
        for n in 0..7 {
            ids.push(office.post(&format!("p{n}@example.org")).await);
            office.advance(Span::seconds(1));
        }
        ids.reverse();
        let now = office.now();
        let mut seen = Vec::new();
        let mut before = None;
        loop {
            let page = office
                .store
                .read(move |view| delivery::messages(view, ORG, Filter::All, before, now, 3))
                .await
                .unwrap();
            let Some(last) = page.last() else { break };
            before = Some((last.made_at, last.id));
            seen.extend(page.iter().map(|row| row.id));
        }
        assert_eq!(seen, ids);
        let foreign = kernel::Organisation(kernel::OrganisationId(Uuid::from_u128(7)));
        let id = ids[0];
        let (none, failed, waiting, one, steps, counts) = office
            .store
            .read(move |view| {
                Ok::<_, crate::db::Error>((
                    delivery::messages(view, foreign, Filter::All, None, now, 50)?.len(),
                    delivery::messages(view, ORG, Filter::Failed, None, now, 50)?.len(),
                    delivery::messages(view, ORG, Filter::Waiting, None, now, 50)?.len(),
                    store::listed(view, foreign, id, now)?,
                    store::history(view, foreign, id)?,
                    store::counts(view, ORG, now - Span::days(1))?,
                ))
            })
            .await
            .unwrap();
        assert_eq!((none, failed, waiting, one, steps.len()), (0, 0, 7, None, 0));
        assert_eq!(counts, [("queued".to_owned(), 7)]);
    }
}

#[tokio::test]
async fn old_messages_go_and_refused_ones_say_nothing_for_long() {
    for office in offices().await {
        let server = Server::start().await;
        server.misbehave(Some(("RCPT", Deed::Say("550 5.1.1 nobody"))));
        let postman = office.postman(&[server.at]);
        let id = office.post("ana@example.org").await;
        postman.turn().await;
        assert!(office.is_kept(id).await);
        office.advance(Span::hours(25));
        postman.minute().await;
        assert!(!office.is_kept(id).await);
        office.advance(Span::days(30));
        postman.minute().await;
        assert_eq!(
            office.store.read(move |view| delivery::state(view, id)).await.unwrap(),
            None
        );
    }
}

#[tokio::test]
async fn the_look_at_the_mail_server_is_one_a_minute_and_says_since_when() {
    for office in offices().await {
        let server = Server::start().await;
        let nodes = [office.postman(&[server.at]), office.postman(&[server.at])];
        let probe = || office.store.read(delivery::probe);
        assert!(probe().await.unwrap().is_up, "nobody has looked yet");
        for node in &nodes {
            node.minute().await;
        }
        assert_eq!(server.connections(), 1);
        let up = probe().await.unwrap();
        assert_eq!(
            (up.is_up, up.told_at, up.since),
            (true, Some(office.now()), Some(office.now()))
        );
        server.misbehave(Some(("greeting", Deed::Say("421 4.3.2 too busy"))));
        let began = office.now() + Span::minutes(1);
        for _ in 0..3 {
            office.advance(Span::minutes(1));
            nodes[0].minute().await;
        }
        let down = probe().await.unwrap();
        assert_eq!(
            (down.is_up, down.since, down.told_at),
            (false, Some(began), Some(office.now()))
        );
        assert!(down.said.contains("421 4.3.2 too busy") && down.place == server.at.to_string());
        assert!(!server.lines().iter().any(|line| line.starts_with("MAIL")));
    }
}

#[tokio::test]
async fn the_outbox_is_a_transport_like_the_others() {
    for office in offices().await {
        let postman = Postman::with_patience(&office.ground(|_| {}), SHORT).unwrap();
        let (mail, text) = (
            office.post("ana@example.org").await,
            office.post_text("+441234567890").await,
        );
        assert_eq!(postman.turn().await.taken, 2);
        let names = crate::delivery::outbox::list(&office.folder.join("outbox"), 10).unwrap();
        assert_eq!(names.len(), 2);
        assert!(names.iter().any(|name| name.ends_with("-mail-ana@example.org.eml")));
        assert!(names.iter().any(|name| name.ends_with("-sms-+441234567890.txt")));
        for id in [mail, text] {
            assert!(matches!(office.state(id).await, State::Taken { by, .. } if by == "outbox"));
        }
        postman.minute().await;
        assert_eq!(office.store.read(delivery::probe).await.unwrap().place, "outbox");
    }
}

#[tokio::test]
async fn a_stop_lets_what_is_in_hand_come_to_its_end() {
    let (office, server) = (office().await, Server::start().await);
    let id = office.post("ana@example.org").await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let running = tokio::spawn(office.postman(&[server.at]).run(async { drop(stopped.await) }));
    for _ in 0..100 {
        if office.state(id).await.name() == "taken" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(office.state(id).await.name(), "taken");
    drop(stop);
    tokio::time::timeout(std::time::Duration::from_secs(5), running)
        .await
        .unwrap()
        .unwrap();
    let later = office.post("bo@example.org").await;
    assert_eq!(office.state(later).await, State::Queued);
}
