//! The pool as a whole: order, bounds, cancellation, time.
use super::*;
use crate::NO_PEPPER;
use std::time::Duration;

fn cheap() -> Cost {
    Cost::new(64, 1, 1).unwrap()
}
fn pool(threads: usize, slots: usize, places: usize) -> Pool {
    let setting = Setting {
        threads,
        slots,
        places,
        patience: Span::seconds(20),
        cost: cheap(),
    };
    started(setting)
}
fn started(setting: Setting) -> Pool {
    let keys = Keys::from_bytes(&[1; 32], [2; 32], [3; 32]).unwrap();
    Pool::start(setting, keys, Chance::new(|out| out.fill(9)), None).unwrap()
}
fn stranger(network: &str) -> Asker {
    Asker {
        known_device: None,
        network: network.into(),
    }
}
fn known(device: &str) -> Asker {
    Asker {
        known_device: Some(device.into()),
        network: "office".into(),
    }
}
fn password(text: &str) -> Password {
    Password::parse(text).ok().unwrap()
}

/// A thread answers a moment before it lets go of the place.
async fn until_empty(pool: &Pool) {
    let is_empty = || {
        let desk = locked(&pool.0.desk);
        desk.waiting() == 0 && desk.in_flight() == 0
    };
    while !is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_was_hashed_verifies_and_anything_else_does_not() {
    let pool = pool(1, 2, 4);
    let mut slot = pool.admit(stranger("a")).await.unwrap();
    let stored = slot.hash(password("correct horse")).await.unwrap();
    let right = slot
        .verify(password("correct horse"), Some(stored.clone()))
        .await
        .unwrap();
    assert!(right.is_right && !right.needs_rehash);
    let wrong = slot.verify(password("correct house"), Some(stored)).await.unwrap();
    assert!(!wrong.is_right && wrong.padding.hashed_at + MARGIN > Instant::now());
    assert!(!slot.verify(password("correct horse"), None).await.unwrap().is_right);
}

#[tokio::test]
async fn a_hash_that_cannot_be_read_is_a_fault_and_the_pool_goes_on() {
    let pool = pool(1, 2, 4);
    let mut slot = pool.admit(stranger("a")).await.unwrap();
    let broken = StoredHash {
        phc: "$argon2id$".into(),
        pepper: NO_PEPPER,
    };
    assert!(matches!(
        slot.verify(password("x"), Some(broken)).await,
        Err(Error::Malformed(_))
    ));
    assert!(slot.hash(password("x")).await.is_ok());
}

#[tokio::test]
async fn known_devices_are_woken_before_strangers_who_came_earlier() {
    let pool = pool(1, 1, 8);
    let held = pool.admit(stranger("a")).await.unwrap();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut tasks = Vec::new();
    for (n, asker) in [stranger("a"), stranger("b"), known("phone")].into_iter().enumerate() {
        let (pool, order) = (pool.clone(), Arc::clone(&order));
        tasks.push(tokio::spawn(async move {
            let _slot = pool.admit(asker).await.unwrap();
            locked(&order).push(n);
        }));
        while locked(&held.place.desk).waiting() <= n {
            tokio::task::yield_now().await;
        }
    }
    drop(held);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*locked(&order), [2, 0, 1]);
}

#[tokio::test]
async fn beyond_the_queue_the_answer_comes_at_once_and_says_when_to_try_again() {
    let pool = pool(1, 1, 1);
    let _held = pool.admit(stranger("a")).await.unwrap();
    let waiting = tokio::spawn({
        let pool = pool.clone();
        async move { pool.admit(stranger("a")).await.is_ok() }
    });
    while locked(&pool.0.desk).waiting() == 0 {
        tokio::task::yield_now().await;
    }
    let began = Instant::now();
    let full = pool.admit(stranger("a")).await.err().unwrap();
    assert!(began.elapsed() < Duration::from_millis(200));
    assert!(full.retry_after >= Span::seconds(1));
    waiting.abort();
    let _ = waiting.await;
    assert_eq!(locked(&pool.0.desk).waiting(), 0, "whoever gives up leaves the queue");
}

#[tokio::test]
async fn nobody_waits_without_end() {
    let setting = Setting {
        threads: 1,
        slots: 1,
        places: 4,
        patience: Span::millis(30),
        cost: cheap(),
    };
    let pool = started(setting);
    let held = pool.admit(stranger("a")).await.unwrap();
    assert!(pool.admit(stranger("b")).await.is_err());
    drop(held);
    assert!(pool.admit(stranger("b")).await.is_ok());
}

#[tokio::test]
async fn a_request_that_is_given_up_amid_its_hash_gives_its_slot_back_when_the_hash_is_done() {
    let pool = pool(1, 1, 4);
    let mut slot = pool.admit(stranger("a")).await.unwrap();
    let task = tokio::spawn(async move { slot.hash(password("x")).await.is_ok() });
    tokio::task::yield_now().await;
    task.abort();
    let _ = task.await;
    let mut next = pool.admit(stranger("a")).await.unwrap();
    assert!(next.hash(password("y")).await.is_ok());
    drop(next);
    until_empty(&pool).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_at_once_are_bounded_and_all_answered() {
    let pool = pool(2, 6, 64);
    let tasks: Vec<_> = (0..500)
        .map(|n| {
            let pool = pool.clone();
            tokio::spawn(async move {
                let mut slot = pool.admit(stranger(&(n % 9).to_string())).await.ok()?;
                assert!(locked(&slot.place.desk).in_flight() <= 6);
                Some(slot.verify(password("x"), None).await.unwrap().is_right)
            })
        })
        .collect();
    let mut answered = 0;
    for task in tasks {
        answered += usize::from(task.await.unwrap().is_some());
    }
    assert!((70..=500).contains(&answered), "{answered}");
    until_empty(&pool).await;
}

#[tokio::test]
async fn a_costlier_hash_in_the_store_raises_what_unknown_addresses_pay() {
    let pool = pool(1, 1, 4);
    let costly = Cost::new(8_192, 2, 1).unwrap();
    let other = started(Setting {
        cost: costly,
        ..Setting::for_cores(1)
    });
    let stored = other
        .admit(stranger("a"))
        .await
        .unwrap()
        .hash(password("x"))
        .await
        .unwrap();
    let mut slot = pool.admit(stranger("a")).await.unwrap();
    slot.verify(password("x"), None).await.unwrap();
    let before = pool.floor();
    assert!(slot.verify(password("x"), Some(stored)).await.unwrap().is_right);
    assert_eq!(*locked(&pool.0.shared.slowest), costly);
    assert!(pool.floor() > before);
}

#[tokio::test]
async fn a_failure_is_padded_to_the_floor_and_to_what_failures_mostly_take() {
    let pool = pool(1, 1, 4);
    let mut slot = pool.admit(stranger("a")).await.unwrap();
    let shared = &pool.0.shared;
    for _ in 0..32 {
        shared.hashes.note(Duration::from_millis(40));
    }
    let began = Instant::now();
    let checked = slot.verify(password("x"), None).await.unwrap();
    checked.padding.wait().await;
    assert!(began.elapsed() >= Duration::from_millis(45), "{:?}", began.elapsed());
    for _ in 0..32 {
        shared.failures.note(Duration::from_millis(90));
    }
    let began = Instant::now();
    let checked = slot.verify(password("x"), None).await.unwrap();
    checked.padding.wait().await;
    assert!(began.elapsed() >= Duration::from_millis(90), "{:?}", began.elapsed());
}

#[tokio::test]
async fn the_first_cheaper_hash_waits_until_the_slowest_class_was_seen() {
    let costly = Cost::new(8_192, 2, 1).unwrap();
    let dear = started(Setting {
        cost: costly,
        ..Setting::for_cores(1)
    });
    let mut slot = pool(1, 1, 4).admit(stranger("a")).await.unwrap();
    let stored = slot.hash(password("x")).await.unwrap();
    let mut slot = dear.admit(stranger("a")).await.unwrap();
    assert!(dear.0.shared.hashes.mostly().is_none());
    let began = Instant::now();
    let checked = slot.verify(password("x"), Some(stored)).await.unwrap();
    assert!(checked.is_right && dear.0.shared.hashes.mostly().is_some());
    assert!(checked.padding.hashed_at >= began + dear.floor().to_std());
}
