//! Benches of what each call of an agent costs in proofs: opening one and signing one. The signature is nearly all of it.
use agent_wire::{
    Holder,
    proof::{Dpop, open_brought},
};
use anyhow::{Context, Result, anyhow};
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair},
};
use criterion::Criterion;
use std::hint::black_box;

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|_| anyhow!("no key"))?;
    let pair = Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).map_err(|_| anyhow!("no key"))?;
    let public = pair
        .public_key()
        .as_ref()
        .try_into()
        .context("a key of another length")?;
    let holder = Holder::new(pkcs8.as_ref(), public);
    let claims = Dpop {
        htm: "POST".into(),
        htu: "https://door.example.org/api/v1/agents/heartbeat".into(),
        iat: 1_795_511_642,
        jti: "0123456789abcdefghijkl".into(),
        ath: Some("fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo".into()),
    };
    let proof = holder.sign(&claims).context("no signature")?;
    let mut group = criterion.benchmark_group("agent");
    group.bench_function("open the proof of a call", |b| {
        b.iter(|| open_brought::<Dpop>(black_box(&proof)).is_ok());
    });
    group.bench_function("sign the proof of a call", |b| {
        b.iter(|| holder.sign(black_box(&claims)));
    });
    group.finish();
    criterion.final_summary();
    Ok(())
}
