//! The chart of sign-ins by day: an SVG made here, with a table beside it for those who cannot see it.
use askama::{Template, filters::HtmlSafe};

/// One day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// The day in words: "27 Oct".
    pub label: String,
    /// Sign-ins that came in.
    pub allowed: u32,
    /// Sign-ins that were stopped.
    pub stopped: u32,
}

/// The chart, oldest day first.
#[derive(Debug, Clone, Template)]
#[template(path = "part/chart.html")]
pub struct SignInChart {
    days: Vec<Day>,
    bars: Vec<Bar>,
    width: u32,
}
impl HtmlSafe for SignInChart {}

/// A bar in the units of the drawing, counted from its upper left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bar {
    x: u32,
    in_top: u32,
    in_high: u32,
    out_top: u32,
    out_high: u32,
}

const HEIGHT: u32 = 170;
const STEP: u32 = 24;
const GAP: u32 = 2;

impl SignInChart {
    /// The chart of these days.
    pub fn new(days: Vec<Day>) -> Self {
        let most = days
            .iter()
            .map(|day| day.allowed.saturating_add(day.stopped))
            .max()
            .unwrap_or(0)
            .max(1);
        // The gap between both parts is kept free, so that the highest bar fits. A day with any has a bar that can be seen.
        let high = |count: u32| {
            let share = u64::from(count) * u64::from(HEIGHT - GAP) / u64::from(most);
            u32::try_from(share)
                .unwrap_or(HEIGHT)
                .max(if count > 0 { 3 } else { 0 })
        };
        let place = |(i, day): (u32, &Day)| {
            let (in_high, out_high) = (high(day.allowed), high(day.stopped));
            let in_top = HEIGHT.saturating_sub(in_high);
            let gap = if in_high > 0 { GAP } else { 0 };
            Bar {
                x: i * STEP + 4,
                in_top,
                in_high,
                out_top: in_top.saturating_sub(out_high + gap),
                out_high,
            }
        };
        let bars: Vec<_> = (0..).zip(&days).map(place).collect();
        let width = u32::try_from(bars.len()).unwrap_or(0) * STEP;
        Self { days, bars, width }
    }
    fn is_empty(&self) -> bool {
        self.days.iter().all(|day| day.allowed == 0 && day.stopped == 0)
    }
    fn drawn(&self) -> impl Iterator<Item = (&Bar, &Day)> {
        self.bars.iter().zip(&self.days)
    }
    fn from(&self) -> &str {
        self.days.first().map_or("", |day| day.label.as_str())
    }
    fn to(&self) -> &str {
        self.days.last().map_or("", |day| day.label.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(allowed: u32, stopped: u32) -> Day {
        Day {
            label: "27 Oct".into(),
            allowed,
            stopped,
        }
    }

    #[test]
    fn the_highest_bar_fills_the_drawing_and_none_leaves_it() {
        let chart = SignInChart::new(vec![day(0, 0), day(40, 10), day(1, 0), day(0, 9)]);
        assert!(
            chart.bars.iter().all(|bar| bar.in_top + bar.in_high == HEIGHT),
            "bars stand on the ground"
        );
        assert_eq!(chart.bars[0].in_high + chart.bars[0].out_high, 0);
        assert!(chart.bars[1].out_top <= 2);
        assert_eq!(chart.bars[2].in_high, 3, "one sign-in can be seen");
    }

    #[test]
    fn days_without_any_say_so_in_words() {
        let text = SignInChart::new(vec![day(0, 0)]).to_string();
        assert!(!text.contains("<svg") && text.contains("No sign-ins yet"));
        assert!(!SignInChart::new(Vec::new()).to_string().contains("<svg"));
    }

    #[test]
    fn whoever_cannot_see_it_gets_a_table() {
        let text = SignInChart::new(vec![day(3, 1)]).to_string();
        assert!(text.contains("<caption>") && text.contains("<td>3</td><td>1</td>"));
        assert!(!text.contains("style="));
    }
}
