//! TLS to PostgreSQL, where `DOORWARD_TEST_POSTGRES_TLS` names a server by `…?sslmode=require&sslrootcert=…` whose authority is a private one.
use ground::db::{Error, Options, Store};

#[tokio::test]
async fn the_certificate_is_verified() {
    let Ok(url) = std::env::var("DOORWARD_TEST_POSTGRES_TLS") else {
        eprintln!("skipped: DOORWARD_TEST_POSTGRES_TLS is not set, so TLS to PostgreSQL was not tried");
        return;
    };
    let few = Options {
        readers: 1,
        writers: 1,
        ..Options::default()
    };
    let store = Store::postgres(&url, &few).unwrap();
    let is_tls = store.read(|view| view.one::<bool>("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()", &[]));
    assert_eq!(is_tls.await, Ok(true));
    // The system does not know that authority.
    let (unknown, _) = url.split_once("&sslrootcert").unwrap();
    let refused = Store::postgres(unknown, &few).err();
    assert!(
        matches!(&refused, Some(Error::Away(text)) if text.contains("certificate")),
        "{refused:?}"
    );
}
