//! A line of the activity log as it is stored, and its digest. For the journal; pure.
//! Must never happen: two different lines with one encoding; text that breaks a log line; a digest from which erased data could be guessed.
use super::hex;
use kernel::{Event, Stream, Time};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// A SHA-256.
pub type Digest = [u8; 32];

const LABEL_LENGTH: usize = 200;
const NETWORK_LENGTH: usize = 64;
const DETAIL_LENGTH: usize = 1_000;

/// A stored line. Kinds, outcomes and reasons stay words here, so that a program that does not know one can still verify it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The stream's id; see [`stream_id`].
    #[serde(skip)]
    pub stream: Uuid,
    /// Its place in the stream, from 1 on without a gap.
    pub seq: i64,
    /// The event's id.
    pub id: Uuid,
    /// When it happened.
    #[serde(with = "micros")]
    pub at: Time,
    /// The kind's id.
    pub kind: String,
    /// The outcome's word.
    pub outcome: String,
    /// The reason's id.
    pub reason: Option<String>,
    /// How many it stands for.
    pub count: i64,
    /// Who did it.
    pub actor: Option<Uuid>,
    /// Whom it is about.
    pub subject: Option<Uuid>,
    /// The device it came from.
    pub device: Option<Uuid>,
    /// The device in words.
    pub device_label: String,
    /// The network it came from.
    pub network: String,
    /// More, in words.
    pub detail: String,
    /// 16 bytes, until the personal part is erased.
    #[serde(with = "hex::maybe")]
    pub salt: Option<Vec<u8>>,
    /// Once it is erased: the digest of the personal part.
    #[serde(with = "hex::maybe")]
    pub erased: Option<Vec<u8>>,
    /// The digest of the whole line.
    #[serde(skip)]
    pub digest: Digest,
    /// The chain's hash with this line.
    #[serde(with = "hex::digest")]
    pub hash: Digest,
}
crate::from_row!(Line {
    stream,
    seq,
    id,
    at,
    kind,
    outcome,
    reason,
    count,
    actor,
    subject,
    device,
    device_label,
    network,
    detail,
    salt,
    erased,
    digest,
    hash
});

/// The stream's id in the store: the organisation's, or the nil UUID for the deployment.
pub const fn stream_id(stream: Stream) -> Uuid {
    match stream {
        Stream::Deployment => Uuid::nil(),
        Stream::Organisation(id) => id.0,
    }
}

/// How a stream is called in words: `deployment`, or the organisation's id.
pub fn stream_name(stream: Uuid) -> String {
    if stream.is_nil() {
        "deployment".into()
    } else {
        stream.to_string()
    }
}

impl Line {
    /// The event as it will be stored: its texts cleaned, its digest made. Place and chain hash come with the insert.
    pub fn new(event: &Event) -> Self {
        let mut line = Self {
            stream: stream_id(event.stream),
            seq: 0,
            id: event.id.0,
            at: event.at,
            kind: event.kind.id().into(),
            outcome: event.outcome.name().into(),
            reason: event.reason.map(|reason| reason.id().into()),
            count: event.count.into(),
            actor: event.actor.map(|id| id.0),
            subject: event.subject.map(|id| id.0),
            device: event.device.map(|id| id.0),
            device_label: clean(&event.device_label, LABEL_LENGTH),
            network: clean(&event.network, NETWORK_LENGTH),
            detail: clean(&event.detail, DETAIL_LENGTH),
            salt: Some(event.salt.to_vec()),
            erased: None,
            digest: [0; 32],
            hash: [0; 32],
        };
        line.digest = line.digest_with(&line.personal_digest(&event.salt));
        line
    }
    /// The digest as the line stands. None where it is neither whole nor properly erased: then something else wrote it.
    pub fn computed_digest(&self) -> Option<Digest> {
        match (&self.salt, &self.erased) {
            (Some(salt), None) => Some(self.digest_with(&self.personal_digest(salt))),
            (None, Some(erased)) if self.is_blank() => Some(self.digest_with(&erased.as_slice().try_into().ok()?)),
            _ => None,
        }
    }
    /// Takes out whatever is about a person; the chain stays whole. None where that was done before.
    pub fn erase(&mut self) -> Option<Digest> {
        let salt = self.salt.take()?;
        let digest = self.personal_digest(&salt);
        self.erased = Some(digest.to_vec());
        (self.actor, self.subject, self.device) = (None, None, None);
        for text in [&mut self.device_label, &mut self.network, &mut self.detail] {
            text.clear();
        }
        Some(digest)
    }
    fn is_blank(&self) -> bool {
        (self.actor, self.subject, self.device) == (None, None, None)
            && self.device_label.is_empty()
            && self.network.is_empty()
            && self.detail.is_empty()
    }
    /// What may have to be erased, behind a salt: whoever knows the digest alone cannot try names against it.
    fn personal_digest(&self, salt: &[u8]) -> Digest {
        let mut sum = Canonical::new("doorward personal 1");
        sum.part(salt);
        for id in [self.actor, self.subject, self.device] {
            sum.maybe(id.as_ref().map(|id| id.as_bytes().as_slice()));
        }
        for text in [&self.device_label, &self.network, &self.detail] {
            sum.part(text.as_bytes());
        }
        sum.done()
    }
    fn digest_with(&self, personal: &Digest) -> Digest {
        let mut sum = Canonical::new("doorward event 1");
        sum.part(self.stream.as_bytes());
        sum.part(self.id.as_bytes());
        sum.part(&self.at.micros().to_be_bytes());
        sum.part(self.kind.as_bytes());
        sum.part(self.outcome.as_bytes());
        sum.maybe(self.reason.as_deref().map(str::as_bytes));
        sum.part(&self.count.to_be_bytes());
        sum.part(personal);
        sum.done()
    }
}

/// SHA-256 over parts that each tell their length, so that no two lists of parts read alike.
struct Canonical(Sha256);

impl Canonical {
    fn new(what: &str) -> Self {
        let mut sum = Self(Sha256::new());
        sum.part(what.as_bytes());
        sum
    }
    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_be_bytes());
        self.0.update(bytes);
    }
    /// Nothing is told apart from something empty.
    fn maybe(&mut self, bytes: Option<&[u8]>) {
        self.0.update([u8::from(bytes.is_some())]);
        self.part(bytes.unwrap_or_default());
    }
    fn done(self) -> Digest {
        self.0.finalize().into()
    }
}

/// Text from outside as a log may hold it: one line, at most `most` characters, nothing that a terminal or a viewer obeys.
/// Control characters, line and paragraph separators and what turns the direction of writing become a space.
pub fn clean(text: &str, most: usize) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{2028}' | '\u{2029}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut cleaned: String = text
        .chars()
        .take(most)
        .map(|c| if obeyed(c) { ' ' } else { c })
        .collect();
    if text.chars().nth(most).is_some() {
        cleaned.pop();
        cleaned.push('…');
    }
    cleaned.trim().to_owned()
}

/// Times in exported lines: RFC 3339 with whatever microseconds there are, so that the digest can be made again.
pub(super) mod micros {
    use kernel::Time;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn text(at: Time) -> String {
        jiff::Timestamp::from_microsecond(at.micros()).map_or_else(|_| at.micros().to_string(), |t| t.to_string())
    }
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the shape that serde asks for")]
    pub fn serialize<S: Serializer>(at: &Time, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(*at))
    }
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        Time::parse_rfc3339(&String::deserialize(from)?).ok_or_else(|| D::Error::custom("not a time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{Chance, DeviceId, EventKind, OrganisationId, Outcome, PersonId, Reason};

    fn event() -> Event {
        let stream = Stream::Organisation(OrganisationId(Uuid::from_u128(1)));
        let chance = Chance::new(|out| out.fill(5));
        Event::new(
            stream,
            Time::from_seconds(1),
            EventKind::SignedIn,
            Outcome::Allowed,
            &chance,
        )
    }

    #[test]
    fn every_field_counts_in_the_digest_and_none_runs_into_the_next() {
        let person = PersonId(Uuid::from_u128(2));
        let change: &[fn(&mut Event, PersonId)] = &[
            |_, _| (),
            |e, _| e.stream = Stream::Deployment,
            |e, _| e.id.0 = Uuid::from_u128(9),
            |e, _| e.at = Time::from_micros(1_000_001),
            |e, _| e.kind = EventKind::SignedOut,
            |e, _| e.outcome = Outcome::Done,
            |e, p| e.actor = Some(p),
            |e, p| e.subject = Some(p),
            |e, p| e.device = Some(DeviceId(p.0)),
            |e, _| e.actor = Some(PersonId(Uuid::nil())),
            |e, _| e.device_label = "ab".into(),
            |e, _| e.network = "ab".into(),
            |e, _| e.detail = "ab".into(),
            |e, _| (e.device_label, e.network) = ("a".into(), "b".into()),
            |e, _| (e.network, e.detail) = ("a".into(), "b".into()),
            |e, _| e.reason = Some(Reason::SignInWrong),
            |e, _| e.count = 2,
            |e, _| e.salt = [6; 16],
        ];
        let mut seen = std::collections::HashSet::new();
        for (n, change) in change.iter().enumerate() {
            let mut event = event();
            change(&mut event, person);
            let line = Line::new(&event);
            assert!(seen.insert(line.digest), "case {n} has the digest of another");
            assert_eq!(line.computed_digest(), Some(line.digest));
        }
    }

    #[test]
    fn an_erased_line_has_the_digest_it_had_and_no_salt() {
        let mut event = event()
            .by(PersonId(Uuid::from_u128(2)))
            .from(None, "Firefox", "203.0.113.7");
        event.detail = "more".into();
        let mut line = Line::new(&event);
        assert!(line.erase().is_some());
        assert!(line.is_blank() && line.salt.is_none());
        assert_eq!(line.computed_digest(), Some(line.digest));
        assert_eq!(line.erase(), None);
    }

    #[test]
    fn text_from_outside_stays_one_line_and_obeys_nobody() {
        let cases = [
            ("Ana\r\n2026-11-24 forged line", "Ana  2026-11-24 forged line"),
            ("\u{1b}[2Jcleared\u{7}", "[2Jcleared"),
            ("quote \" and back\\slash stay", "quote \" and back\\slash stay"),
            ("line\u{2028}separator\u{2029}", "line separator"),
            ("right\u{202e}to left", "right to left"),
            ("nul\0and\u{85}next line", "nul and next line"),
            ("  Zoë 🚪 ", "Zoë 🚪"),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text, 100), expected, "{text:?}");
        }
        assert_eq!(clean("abcdef", 6), "abcdef");
        assert_eq!(clean("abcdefg", 6), "abcde…");
        assert_eq!(clean(&"é".repeat(2_000), 1_000).chars().count(), 1_000);
    }

    #[test]
    fn a_line_survives_its_json_to_the_microsecond() {
        let mut line = Line::new(&event().by(PersonId(Uuid::from_u128(2))));
        line.at = Time::from_micros(1_795_511_642_123_456);
        line.detail = "a \"quote\", U+2028 \u{2028} and a\nbreak".into();
        let text = serde_json::to_string(&line).unwrap();
        assert!(!text.contains('\n'));
        let mut read: Line = serde_json::from_str(&text).unwrap();
        (read.stream, read.digest) = (line.stream, line.digest);
        assert_eq!(read, line);
        assert!(serde_json::from_str::<Line>(&text.replace("\"seq\"", "\"x\":1,\"seq\"")).is_err());
    }
}
