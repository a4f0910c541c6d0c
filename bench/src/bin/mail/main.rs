//! The load of mail: ten thousand messages wait in the queue, and leave to a mail server in this process that speaks the real protocol.
//! Beside them, in the same run: how fast that server takes the same bytes from a client that does nothing else; and the memory.
//! For people: `scripts/bench --mail`. Must never happen: a rate in which a message is missing or was taken twice.
mod sender;

use anyhow::{Context, Result, anyhow, ensure};
use bench::{
    cluster::Cluster,
    furnish, memory,
    place::Place,
    run::{Engine, end, of_each, say},
    sink,
};
use clap::Parser;
use ground::{
    Ground,
    config::Mail,
    db,
    delivery::{self, Letter, Postman, Purpose},
};
use kernel::{MessageId, Secret};
use std::{
    process::ExitCode,
    time::{Duration, Instant},
};
use tokio::runtime::Runtime;

/// Measures how fast queued mail leaves
#[derive(Parser)]
struct Load {
    /// How many messages
    #[arg(long, default_value_t = 10_000)]
    messages: u32,
    /// Only this engine
    #[arg(long)]
    engine: Option<Engine>,
}

/// What a mail server needs for a message before it answers: nothing at all, and about what one needs that writes it down.
const NEEDS: [Duration; 2] = [Duration::ZERO, Duration::from_millis(5)];
/// Messages that are put into the queue in one transaction.
const CHUNK: u32 = 100;

fn main() -> ExitCode {
    end("mail", measure(&Load::parse()))
}

fn measure(load: &Load) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    of_each(load.engine, |cluster, name| of_engine(load, &runtime, cluster, name))
}

fn of_engine(load: &Load, runtime: &Runtime, cluster: Option<&Cluster>, name: &str) -> Result<()> {
    let machine = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let before = machine.split_whitespace().next().unwrap_or("not told");
    say(&format!(
        "\n### {name}\n\nLoad average of the machine before it began: {before}.\n"
    ))?;
    say(
        "| the mail server needs | queued messages/s | the same server alone/s | share | memory before, MiB | most | after |",
    )?;
    say("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")?;
    for needs in NEEDS {
        let place = Place::new(cluster)?;
        runtime.block_on(round(load.messages, needs, &place))?;
    }
    Ok(())
}

/// One row.
async fn round(messages: u32, needs: Duration, place: &Place<'_>) -> Result<()> {
    let sink = sink::Sink::start(needs).await?;
    let mut config = place.config()?;
    config.mail = Some(Mail {
        url: Secret::new(format!("smtp://{}?tls=none", sink.at)),
        from: "Doorward <door@example.org>".into(),
        bounces_listen: None,
    });
    let ground = furnish::open(config).await?;
    fill(&ground, messages).await?;
    sink.expect(messages);

    let postman = Postman::new(&ground).map_err(|why| anyhow!(why))?;
    let rest = memory::now()?;
    memory::forget_peak()?;
    let began = Instant::now();
    let turn = postman.turn().await;
    let took = began.elapsed();
    ensure!(
        turn.taken == messages && sink.distinct() == messages && sink.taken() == messages,
        "of {messages} messages {} were settled, {} came, {} of them different",
        turn.taken,
        sink.taken(),
        sink.distinct()
    );
    let (most, after) = (memory::peak()?, memory::now()?);
    ground.store.close().await;

    sink.expect(messages);
    let alone = sender::send(sink.at, messages, sink.sample()).await?;
    ensure!(
        sink.taken() == messages,
        "the bare client lost {}",
        messages - sink.taken()
    );
    let rate = |took: Duration| f64::from(messages) / took.as_secs_f64();
    say(&format!(
        "| {} ms | {:.0} | {:.0} | {:.0} % | {rest:.1} | {most:.1} | {after:.1} |",
        needs.as_millis(),
        rate(took),
        rate(alone),
        100.0 * rate(took) / rate(alone)
    ))
}

/// Puts the messages into the queue as the product does: sealed, in transactions.
async fn fill(ground: &Ground, messages: u32) -> Result<()> {
    for from in (0..messages).step_by(CHUNK as usize) {
        let (within, to) = (ground.clone(), messages.min(from + CHUNK));
        let letters: Vec<Letter> = (from..to).map(|n| letter(ground, n)).collect();
        let posted = ground.store.write(move |tx| {
            for letter in &letters {
                delivery::post(tx, &within, letter)?;
            }
            Ok::<_, db::Error>(())
        });
        posted.await.context("the queue could not be filled")?;
    }
    Ok(())
}

/// About as long as a notice.
fn letter(ground: &Ground, n: u32) -> Letter {
    let now = ground.now();
    let words = "Somebody signed in to your account from a device that had not been used before. ".repeat(8);
    Letter {
        id: MessageId::new(now, &ground.chance),
        to: format!("person{n}@example.org"),
        organisation: None,
        person: None,
        asked_by: None,
        purpose: Purpose::Notice,
        subject: "New sign-in to your account".into(),
        html: format!("<html><body><p>{words}</p><p>{words}</p></body></html>"),
        text: words,
        at: now,
        ends_at: None,
    }
}
