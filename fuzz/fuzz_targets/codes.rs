//! Whatever somebody may type into a field for a code or a telephone number, and every code at every time. Nothing may crash; two spellings of one
//! code are one; a step lets in once, and never from beyond one step round the drift.
#![no_main]

use factors::{
    Number, Typed,
    decide::app::{App, Found, LOOKED_AT, WINDOW, judge, resynchronise, step_at},
};
use kernel::{Span, Time, code::read_code};
use libfuzzer_sys::fuzz_target;
use organisations::TextPolicy;

/// What was read, in its plainest spelling.
fn plain(typed: &str) -> Option<String> {
    Some(match Typed::read(typed)? {
        Typed::App(code) => format!("{code:06}"),
        Typed::Pair(first, second) => format!("{first:06}{second:06}"),
        Typed::Text(code) | Typed::Recovery(code) => code.expose().clone(),
    })
}

fn full_width(plain: &str) -> String {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xfee0).unwrap_or(c);
    plain.chars().map(wide).collect()
}

fn spellings(text: &str) {
    let Some(code) = plain(text) else { return };
    assert!([6, 8, 12, 16].contains(&code.len()) && code.is_ascii());
    let apart: String = code.chars().flat_map(|c| ['\u{200b}', c, ' ']).collect();
    for spelt in [code.clone(), code.to_lowercase(), full_width(&code), apart, format!("\t{code}\r\n")] {
        assert_eq!(plain(&spelt), Some(code.clone()), "{spelt:?}");
    }
}

fn mailed_code(text: &str) {
    if let Some(code) = read_code(text) {
        assert_eq!(read_code(&kernel::code::shown(&code)), Some(code));
    }
}

fn number(text: &str) {
    let Ok(number) = Number::read(text) else { return };
    let digits = number.as_str().strip_prefix('+').expect("its sign");
    assert!((7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()));
    assert_eq!(Number::read(number.as_str()).as_ref(), Ok(&number));
    assert!(number.hint().chars().filter(char::is_ascii_digit).count() <= 4);
    let policy = TextPolicy {
        allowed: true,
        countries: vec!["GB".into(), text.chars().take(8).collect()],
    };
    let _ = policy.allows(number.as_str());
}

/// Codes of which no two near each other are alike.
fn code_at(step: i64) -> u32 {
    u32::try_from(step.rem_euclid(1_000_000)).expect("below a million")
}

fn steps(input: &[u8]) {
    let [a, b, c, d, drift, last, offset, later, burned @ ..] = input else {
        return;
    };
    let now = Time::from_seconds(1_000_000_000 + i64::from(u32::from_le_bytes([*a, *b, *c, *d])));
    let present = step_at(now);
    let near = |byte: u8| i64::from(byte.cast_signed());
    let mut app = App {
        drift: near(*drift).clamp(-LOOKED_AT, LOOKED_AT),
        last_step: present + near(*last),
        burned: burned.iter().take(8).map(|byte| present + near(*byte)).collect(),
    };
    let typed = code_at(present + near(*offset));
    let first = judge(&app, typed, now, code_at).outcome;
    let pair = resynchronise(&app, (typed, code_at(present + near(*offset) + 1)), now, code_at).outcome;
    if let Found::Right { step, drift } = pair {
        assert!(step > app.last_step && step - 1 > app.last_step && !app.burned.contains(&step));
        assert!(drift.abs() <= LOOKED_AT && drift == step - present);
    }
    match first {
        Found::Right { step, drift } => {
            assert!((step - present - app.drift).abs() <= WINDOW && (drift - app.drift).abs() <= 1);
            assert!(step > app.last_step && !app.burned.contains(&step));
            (app.last_step, app.drift) = (step, drift);
        }
        Found::Wrong { burn, .. } => app.burned.extend(burn),
    }
    // Whatever became of it: the same code a while later lets nobody in, unless it was merely looked for too far away.
    let then = now + Span::seconds(30 * i64::from(*later % 64));
    if let Found::Right { step, .. } = judge(&app, typed, then, code_at).outcome {
        assert!(matches!(first, Found::Wrong { drift: None, burn: None }), "step {step} let in later");
        assert!((step - present).abs() > LOOKED_AT, "step {step} was seen before");
    }
}

fuzz_target!(|input: &[u8]| {
    let text = String::from_utf8_lossy(input);
    spellings(&text);
    mailed_code(&text);
    number(&text);
    steps(input);
});
