//! The lanes: exact under parallel tries, taken back by success, set to nought by an unlock.
use crate::place::{ANA, START, on_both};
use factors::{
    Lanes,
    decide::{Answer, Kind, State},
    store::{self, Reserved, Subject},
};
use ground::{
    db::{Error, Store},
    keys::Keys,
};
use kernel::{DeviceId, PersonId, Span, Time};
use std::net::{IpAddr, Ipv4Addr};
use uuid::Uuid;

const PHONE: DeviceId = DeviceId(Uuid::from_u128(0xf));

pub fn keys() -> Keys {
    Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap()
}
pub fn network(n: u32) -> IpAddr {
    Ipv4Addr::from(0xc000_0200 + n).into()
}
pub fn stranger(n: u32, person: Option<PersonId>) -> Lanes {
    Lanes::of_stranger(&keys(), "ana@example.org", network(n), person)
}
pub fn phone() -> Lanes {
    Lanes::of_known_device(&keys(), "ana@example.org", network(0), ANA, PHONE)
}
pub async fn reserve(store: &Store, lanes: &Lanes, now: Time) -> Reserved {
    let lanes = lanes.clone();
    store
        .write(move |tx| Ok::<_, Error>(store::reserve(tx, &lanes, now)?.outcome))
        .await
        .unwrap()
}
pub async fn fail(store: &Store, lanes: &Lanes, now: Time) -> store::Failed {
    let reserved = reserve(store, lanes, now).await;
    let lanes = lanes.clone();
    store
        .write(move |tx| store::fail(tx, &lanes, &reserved, now))
        .await
        .unwrap()
}
async fn succeed(store: &Store, lanes: &Lanes, now: Time) -> Vec<store::Ended> {
    let reserved = reserve(store, lanes, now).await;
    assert!(matches!(reserved.answer, Answer::Try { .. }), "{reserved:?}");
    let lanes = lanes.clone();
    store
        .write(move |tx| store::succeed(tx, &lanes, &reserved, now))
        .await
        .unwrap()
}
fn is_try(reserved: &Reserved) -> bool {
    matches!(reserved.answer, Answer::Try { .. })
}
async fn all_at_once(store: &Store, tries: impl Iterator<Item = Lanes>) -> Vec<Reserved> {
    let tasks: Vec<_> = tries
        .map(|lanes| {
            let store = store.clone();
            tokio::spawn(async move { reserve(&store, &lanes, START).await })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}

#[test]
fn of_200_parallel_tries_at_an_address_exactly_10_are_looked_at() {
    on_both(async |store: Store| {
        let answers = all_at_once(&store, (0..200).map(|n| stranger(n, Some(ANA)))).await;
        let mut left: Vec<u32> = answers
            .iter()
            .filter_map(|r| {
                if let Answer::Try { left } = r.answer {
                    Some(left)
                } else {
                    None
                }
            })
            .collect();
        left.sort_unstable();
        assert_eq!(left, (0..10).collect::<Vec<_>>(), "each number once");
        let locked = answers
            .iter()
            .flat_map(|r| &r.counted)
            .filter(|c| c.kind == Kind::Address && c.has_locked())
            .count();
        assert_eq!(locked, 1);
    });
}

#[test]
fn of_200_parallel_tries_of_a_known_device_exactly_10_are_looked_at() {
    on_both(async |store: Store| {
        let answers = all_at_once(&store, (0..200).map(|_| phone())).await;
        assert_eq!(answers.iter().filter(|r| is_try(r)).count(), 10);
    });
}

#[test]
fn of_200_parallel_tries_of_a_network_exactly_60_are_counted_whatever_their_addresses() {
    on_both(async |store: Store| {
        let tries = (0..200).map(|n| Lanes::of_stranger(&keys(), &format!("p{n}@example.org"), network(1), None));
        let answers = all_at_once(&store, tries).await;
        assert_eq!(answers.iter().filter(|r| is_try(r)).count(), 60);
        let elsewhere = Lanes::of_stranger(&keys(), "p0@example.org", network(2), None);
        assert!(is_try(&reserve(&store, &elsewhere, START).await));
    });
}

#[test]
fn parallel_sign_ins_with_the_right_password_leave_no_trace() {
    on_both(async |store: Store| {
        let tasks: Vec<_> = (0..4)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move {
                    for _ in 0..20 {
                        succeed(&store, &stranger(1, Some(ANA)), START).await;
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let lanes = store.read(|view| store::lanes_of(view, ANA, START)).await.unwrap();
        assert_eq!(lanes, []);
    });
}

#[test]
fn a_hundred_failures_of_strangers_do_not_lock_the_owners_device_and_its_success_opens_the_address() {
    on_both(async |store: Store| {
        let mut now = START;
        for _ in 0..120 {
            now = now + Span::hours(49);
            fail(&store, &stranger(1, Some(ANA)), now).await;
        }
        let shut = reserve(&store, &stranger(2, Some(ANA)), now).await;
        assert_eq!(
            shut.answer,
            Answer::Refused {
                lane: Kind::Address,
                until: None
            }
        );
        succeed(&store, &phone(), now).await;
        assert!(is_try(&reserve(&store, &stranger(2, Some(ANA)), now).await));
    });
}

#[test]
fn a_strangers_success_opens_nothing_for_other_strangers() {
    on_both(async |store: Store| {
        for _ in 0..9 {
            fail(&store, &stranger(1, Some(ANA)), START).await;
        }
        succeed(&store, &stranger(2, Some(ANA)), START).await;
        let failed = fail(&store, &stranger(1, Some(ANA)), START).await;
        assert_eq!(failed.locked, [(Subject::Address(ANA), START + Span::minutes(15))]);
    });
}

#[test]
fn a_device_that_fails_a_hundred_times_in_a_row_is_to_be_forgotten() {
    on_both(async |store: Store| {
        let mut now = START;
        for n in 1..=100 {
            now = now + Span::hours(49);
            let failed = fail(&store, &phone(), now).await;
            assert_eq!(failed.forget_device, n == 100, "failure {n}");
        }
        let answer = reserve(&store, &phone(), now + Span::hours(49)).await.answer;
        assert_eq!(
            answer,
            Answer::Refused {
                lane: Kind::Device,
                until: None
            }
        );
        assert!(
            is_try(&reserve(&store, &stranger(1, Some(ANA)), now).await),
            "as a stranger it goes on"
        );
    });
}

#[test]
fn an_unlock_opens_the_address_and_every_device_and_tells_what_ended() {
    on_both(async |store: Store| {
        for _ in 0..10 {
            fail(&store, &stranger(1, Some(ANA)), START).await;
            fail(&store, &phone(), START).await;
        }
        let shown = store.read(|view| store::lanes_of(view, ANA, START)).await.unwrap();
        assert_eq!(shown.len(), 2);
        assert!(
            shown
                .iter()
                .all(|lane| matches!(lane.state, State::Locked(_)) && lane.failures == 10)
        );
        assert!(shown.iter().any(|lane| lane.device == Some(PHONE)));
        let now = START + Span::minutes(1);
        let mut ended = store.write(move |tx| store::unlock(tx, ANA, now)).await.unwrap();
        ended.sort_by_key(|end| matches!(end.subject, Subject::Address(_)));
        assert_eq!(
            ended.iter().map(|e| &e.subject).collect::<Vec<_>>(),
            [&Subject::Device(ANA, PHONE), &Subject::Address(ANA)]
        );
        assert!(ended.iter().all(|end| end.at == now));
        assert!(is_try(&reserve(&store, &phone(), now).await));
        assert!(is_try(&reserve(&store, &stranger(1, Some(ANA)), now).await));
    });
}

#[test]
fn the_end_of_a_lock_is_told_at_the_next_touch_and_never_again() {
    on_both(async |store: Store| {
        for _ in 0..10 {
            fail(&store, &stranger(1, Some(ANA)), START).await;
        }
        let until = START + Span::minutes(15);
        let now = until + Span::hours(2);
        let touched = reserve(&store, &stranger(1, Some(ANA)), now).await;
        assert_eq!(
            touched.ended,
            [store::Ended {
                subject: Subject::Address(ANA),
                at: until
            }]
        );
        // The try turns out right: its own lock is taken back, and the old one is not told twice.
        let lanes = stranger(1, Some(ANA));
        let ended = store
            .write(move |tx| store::succeed(tx, &lanes, &touched, now))
            .await
            .unwrap();
        assert_eq!(ended, []);
        let swept = store
            .write(move |tx| store::sweep(tx, now + Span::hours(1)))
            .await
            .unwrap();
        assert_eq!(swept.ended, []);
    });
}
