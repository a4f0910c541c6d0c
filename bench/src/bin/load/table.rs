//! The table that people read, in Markdown; each line is printed as soon as it is known.
use anyhow::Result;
use bench::rounds::Round;
pub use bench::run::say;

/// Begins the table of one engine.
pub fn begin(engine: &str) -> Result<()> {
    say(&format!("\n### {engine}\n\n{}\n", others()))?;
    say("| what | result | p50 ms | p99 ms | server's CPU, µs each | beside it |")?;
    say("| --- | ---: | ---: | ---: | ---: | --- |")
}

/// Whatever else the machine does shows in every number.
fn others() -> String {
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let mut words = load.split_whitespace();
    format!(
        "Load average of the machine before it began: {}.",
        words.next().unwrap_or("not told")
    )
}

/// A round, with what it is to be held against.
pub fn round(what: &str, round: &Round, beside: &str) -> Result<()> {
    let cpu = if round.cpu.is_zero() {
        String::new()
    } else {
        format!("{:.0}", round.cpu_each())
    };
    let (rate, p50, p99) = (number(round.rate()), round.wait(50), round.wait(99));
    say(&format!(
        "| {what} | {rate}/s | {p50:.2} | {p99:.2} | {cpu} | {beside} |"
    ))
}

/// A single value.
pub fn fact(what: &str, value: &str, beside: &str) -> Result<()> {
    say(&format!("| {what} | {value} | | | | {beside} |"))
}

/// With three digits that count below a hundred, and thousands set off.
pub fn number(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
