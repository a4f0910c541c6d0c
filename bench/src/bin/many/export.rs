//! The export of a long log: how fast it is written, and how much memory that takes.
use crate::{made::Made, say};
use anyhow::{Result, ensure};
use axum::{body::Body, http::Request};
use bench::memory;
use doorward::App;
use http_body_util::BodyExt;
use std::time::Instant;
use tower::ServiceExt;

/// Exports the first organisation's log in both formats, and reads it as it comes.
pub async fn measure(app: &App, made: &Made) -> Result<()> {
    // The newest lines are signed, so that the walk begins where it may.
    ground::journal::once(app.ground()).await?;
    say("| export | lines | lines/s | memory before, MiB | most more |\n| --- | ---: | ---: | ---: | ---: |")?;
    for format in ["jsonl", "csv"] {
        memory::forget_peak()?;
        let (before, began) = (memory::now()?, Instant::now());
        let lines = read(app, made, format).await?;
        let more = memory::peak()? - before;
        let rate = f64::from(lines) / began.elapsed().as_secs_f64();
        say(&format!("| {format} | {lines} | {rate:.0} | {before:.0} | {more:.0} |"))?;
        ensure!(
            lines > made.events_of_first,
            "{lines} lines of {}",
            made.events_of_first
        );
    }
    say("")
}

async fn read(app: &App, made: &Made, format: &str) -> Result<u32> {
    let host = app.ground().config.public_url.authority().to_owned();
    let request = Request::get(format!("/api/v1/events/export?format={format}"))
        .header("host", host)
        .header("cookie", format!("doorward_session={}", made.token))
        .body(Body::empty())?;
    let answer = app.router().oneshot(request).await?;
    ensure!(answer.status() == 200, "the export is answered {}", answer.status());
    let (mut body, mut lines) = (answer.into_body(), 0);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| anyhow::anyhow!("the export broke off: {error}"))?;
        if let Ok(bytes) = frame.into_data() {
            lines += u32::try_from(bytes.split(|byte| *byte == b'\n').count() - 1)?;
        }
    }
    Ok(lines)
}
