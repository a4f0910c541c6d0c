//! Benches of passkeys without a store: making a question, judging a new key, judging a use. Verification is what a sign-in by passkey costs.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "the software passkey is written for tests"
)]
#[path = "../../crates/world/src/soft_passkey.rs"]
mod soft_passkey;

use anyhow::{Context, Result, anyhow};
use criterion::Criterion;
use factors::passkeys::{Answer, Key, Question, Relying};
use kernel::PersonId;
use serde_json::{Value, json};
use soft_passkey::SoftPasskey;
use std::hint::black_box;
use uuid::Uuid;

const ORIGIN: &str = "https://door.example.org";
const PERSON: PersonId = PersonId(Uuid::from_u128(0xa));

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    passkeys(&mut criterion)?;
    criterion.final_summary();
    Ok(())
}

/// As the answer of a start address has it.
fn started(question: &Question) -> Value {
    json!({ "ceremony": Uuid::nil(), "publicKey": question.options })
}

fn passkeys(criterion: &mut Criterion) -> Result<()> {
    let relying = Relying::new("door.example.org", ORIGIN).context("a relying party")?;
    let mut soft = SoftPasskey::new(ORIGIN);
    // Without a counter one answer can be judged again and again.
    soft.counts = false;
    let new = relying
        .ask_new(PERSON, "ana@b.example", "Ana", &[], false)
        .context("a question")?;
    let body = soft.create(&started(&new))["credential"].clone();
    let registered = relying
        .register(&new.state, &body, &[])
        .map_err(|reason| anyhow!("{}", reason.id()))?;
    let sealed = registered.key.bytes();
    let asked = relying.ask(&[]).context("a question")?;
    let shown = soft.get(&started(&asked))["credential"].clone();

    let mut group = criterion.benchmark_group("passkey");
    group.bench_function("make a question", |b| b.iter(|| black_box(relying.ask(&[]))));
    group.bench_function("judge a new key", |b| {
        b.iter(|| relying.register(&new.state, black_box(&body), &[]).is_ok());
    });
    group.bench_function("verify a use (ES256), from JSON to verdict", |b| {
        b.iter(|| {
            let (answer, key) = (Answer::read(black_box(&shown))?, Key::from_bytes(&sealed)?);
            relying.verify(&asked.state, &answer, &key).ok()
        });
    });
    group.finish();
    Ok(())
}
