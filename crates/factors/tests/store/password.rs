//! Passwords as they are kept.
use crate::place::{ANA, START, on_both};
use factors::{Cost, StoredHash, store};
use ground::db::Store;
use kernel::Span;

fn hash(memory: u32) -> StoredHash {
    let tail = "c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
    StoredHash {
        phc: format!("$argon2id$v=19$m={memory},t=2,p=1${tail}"),
        pepper: 1,
    }
}

#[test]
fn each_change_raises_the_version_and_a_renewal_never_goes_back_behind_a_change() {
    on_both(async |store: Store| {
        assert!(
            store
                .read(|view| store::find_password(view, ANA))
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(store.read(store::slowest_cost).await.unwrap(), None);
        let later = START + Span::days(1);
        let versions = store
            .write(move |tx| {
                Ok::<_, ground::db::Error>([
                    store::set_password(tx, ANA, &hash(64), START)?,
                    store::set_password(tx, ANA, &hash(128), later)?,
                ])
            })
            .await
            .unwrap();
        assert_eq!(versions, [1, 2]);
        let renewed = store
            .write(|tx| {
                Ok::<_, ground::db::Error>([
                    store::renew_hash(tx, ANA, &hash(256), 1)?,
                    store::renew_hash(tx, ANA, &hash(512), 2)?,
                ])
            })
            .await
            .unwrap();
        assert_eq!(renewed, [false, true]);
        let found = store
            .read(|view| store::find_password(view, ANA))
            .await
            .unwrap()
            .unwrap();
        assert!(found.hash == hash(512) && found.version == 2 && found.changed_at == later);
        assert_eq!(store.read(store::slowest_cost).await.unwrap(), Cost::new(512, 2, 1));
    });
}

#[test]
fn a_voided_password_is_none_and_no_version_ever_comes_back() {
    on_both(async |store: Store| {
        let (voided, renewed, version) = store
            .write(move |tx| {
                assert!(!store::void_password(tx, ANA, START)?, "there is none yet");
                store::set_password(tx, ANA, &hash(64), START)?;
                let voided = store::void_password(tx, ANA, START)? && store::find_password(tx, ANA)?.is_none();
                let renewed = store::renew_hash(tx, ANA, &hash(64), 1)?;
                Ok::<_, ground::db::Error>((voided, renewed, store::set_password(tx, ANA, &hash(128), START)?))
            })
            .await
            .unwrap();
        assert_eq!((voided, renewed, version), (true, false, 3));
    });
}
