//! A change of policies: read, checked against ranges, told in words. Pure.
//! Must never happen: a value that is taken for another because it could not be read; a field that is refused without saying how it is right.
use super::{
    END_MINUTES, GRACE_HOURS, LIMIT, LOCK_MINUTES, MIN_LENGTH, Mode, Policies, Require, TRUST_DAYS, Values,
    countries::is_country,
};
use ground::config::Network;
use kernel::{AuthenticatorKind, FieldError, Kinds, Reason};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{fmt, marker::PhantomData, ops::RangeInclusive};
use utoipa::ToSchema;
use uuid::Uuid;

/// Entries that a list has at most.
const MOST: usize = 100;

/// What a change says of one value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Given<T> {
    /// Nothing: it stays.
    #[default]
    Kept,
    /// `null`: it is not set any more, and inherited.
    Unset,
    /// This.
    Set(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(from)?.map_or(Self::Unset, Self::Set))
    }
}

/// Second factors.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FactorChange {
    /// `no`, `yes` or `phishing-resistant`.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub require: Given<String>,
    /// Hours until people without one are kept out, 0 to 336.
    #[schema(value_type = Option<i64>)]
    #[serde(default)]
    pub grace_hours: Given<i64>,
    /// Of `passkey`, `totp`, `phone`, `recovery-codes`.
    #[schema(value_type = Option<Vec<String>>)]
    #[serde(default)]
    pub allowed: Given<Vec<String>>,
    /// Models of passkeys that may be added (AAGUID); an empty list: any.
    #[schema(value_type = Option<Vec<uuid::Uuid>>)]
    #[serde(default)]
    pub aaguids: Given<Vec<String>>,
}

/// Devices.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeviceChange {
    /// `off`, `notify`, `verify` or `approved`.
    #[schema(value_type = Option<String>)]
    #[serde(default)]
    pub mode: Given<String>,
    /// 1 to 365.
    #[schema(value_type = Option<i64>)]
    #[serde(default)]
    pub trust_days: Given<i64>,
    /// 1 to 100.
    #[schema(value_type = Option<i64>)]
    #[serde(default)]
    pub limit: Given<i64>,
}

/// Sessions.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SessionChange {
    /// 5 to 1440.
    #[schema(value_type = Option<i64>)]
    #[serde(default)]
    pub lock_minutes: Given<i64>,
    /// 60 to 43200.
    #[schema(value_type = Option<i64>)]
    #[serde(default)]
    pub end_minutes: Given<i64>,
}

/// Networks.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NetworkChange {
    /// In CIDR notation; an empty list: from anywhere.
    #[schema(value_type = Option<Vec<String>>)]
    #[serde(default)]
    pub people: Given<Vec<String>>,
    /// In CIDR notation; an empty list: from anywhere.
    #[schema(value_type = Option<Vec<String>>)]
    #[serde(default)]
    pub agents: Given<Vec<String>>,
}

/// Passwords.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// 8 to 64; without a second factor it is 15 at least.
    #[schema(value_type = Option<i64>)]
    #[serde(default)]
    pub min_length: Given<i64>,
}

/// Text messages.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextChange {
    /// Whether they may be used.
    #[schema(value_type = Option<bool>)]
    #[serde(default)]
    pub allowed: Given<bool>,
    /// Two-letter codes (ISO 3166-1) or prefixes such as `+44`; an empty list: all.
    #[schema(value_type = Option<Vec<String>>)]
    #[serde(default)]
    pub countries: Given<Vec<String>>,
}

/// A change of policies, partial or whole. What is not named stays; `null` means: not set here any more.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyChange)]
pub struct Change {
    /// Second factors.
    #[serde(default, deserialize_with = "object")]
    pub factors: FactorChange,
    /// Devices.
    #[serde(default, deserialize_with = "object")]
    pub devices: DeviceChange,
    /// Sessions.
    #[serde(default, deserialize_with = "object")]
    pub sessions: SessionChange,
    /// Networks.
    #[serde(default, deserialize_with = "object")]
    pub networks: NetworkChange,
    /// Passwords.
    #[serde(default, deserialize_with = "object")]
    pub passwords: PasswordChange,
    /// Text messages.
    #[serde(default, deserialize_with = "object")]
    pub sms: TextChange,
}

/// Reads what must be a JSON object: a list of the same length would be read by position.
pub fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    struct OnlyObject<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for OnlyObject<T> {
        type Value = T;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }
    from.deserialize_map(OnlyObject(PhantomData))
}

/// Brings one value in: `read` answers what it is worth, or none where it is wrong.
fn take<T: Clone, V: Clone>(
    given: &Given<T>,
    own: &mut Option<V>,
    (field, reason): (&'static str, Reason),
    errors: &mut Vec<FieldError>,
    read: impl Fn(&T) -> Option<V>,
) {
    match given {
        Given::Kept => {}
        Given::Unset => *own = None,
        Given::Set(value) => match read(value) {
            Some(value) => *own = Some(value),
            None => errors.push(FieldError::new(field, reason)),
        },
    }
}

fn within(range: RangeInclusive<i64>) -> impl Fn(&i64) -> Option<i64> {
    move |value| range.contains(value).then_some(*value)
}

/// Every entry read, none twice; none where one cannot be read or there are too many.
fn list<V: PartialEq>(words: &[String], read: impl Fn(&str) -> Option<V>) -> Option<Vec<V>> {
    if words.len() > MOST {
        return None;
    }
    let mut list = Vec::new();
    for word in words {
        let value = read(word.trim())?;
        if !list.contains(&value) {
            list.push(value);
        }
    }
    Some(list)
}

#[expect(clippy::ptr_arg, reason = "handed over as it was read")]
fn kinds(words: &Vec<String>) -> Option<Kinds> {
    let kinds: Kinds = list(words, AuthenticatorKind::from_name)?.into_iter().collect();
    // Nobody could ever have a second factor where none is left.
    kinds.has_factor().then_some(kinds)
}

#[expect(clippy::ptr_arg, reason = "handed over as it was read")]
fn networks(words: &Vec<String>) -> Option<Vec<Network>> {
    list(words, |word| word.parse().ok())
}

#[expect(clippy::ptr_arg, reason = "handed over as it was read")]
fn countries(words: &Vec<String>) -> Option<Vec<String>> {
    list(words, |word| {
        let word = word.to_ascii_uppercase();
        is_country(&word).then_some(word)
    })
}

impl Change {
    /// The values as they will be, or everything that is wrong with the change.
    pub fn apply(&self, own: &Values) -> Result<Values, Vec<FieldError>> {
        let (mut new, mut errors) = (own.clone(), Vec::new());
        let wrong = &mut errors;
        let factors = &self.factors;
        let at = ("factors.require", Reason::PolicyRequireInvalid);
        take(&factors.require, &mut new.require, at, wrong, |word| {
            Require::from_name(word)
        });
        let at = ("factors.grace_hours", Reason::PolicyGraceInvalid);
        take(
            &factors.grace_hours,
            &mut new.grace_hours,
            at,
            wrong,
            within(GRACE_HOURS),
        );
        let at = ("factors.allowed", Reason::PolicyKindsInvalid);
        take(&factors.allowed, &mut new.allowed, at, wrong, kinds);
        let at = ("factors.aaguids", Reason::PolicyModelsInvalid);
        take(&factors.aaguids, &mut new.aaguids, at, wrong, |words| {
            list(words, |word| Uuid::try_parse(word).ok())
        });
        let at = ("devices.mode", Reason::PolicyModeInvalid);
        take(&self.devices.mode, &mut new.mode, at, wrong, |word| {
            Mode::from_name(word)
        });
        let at = ("devices.trust_days", Reason::PolicyTrustInvalid);
        take(
            &self.devices.trust_days,
            &mut new.trust_days,
            at,
            wrong,
            within(TRUST_DAYS),
        );
        let at = ("devices.limit", Reason::PolicyLimitInvalid);
        take(&self.devices.limit, &mut new.limit, at, wrong, within(LIMIT));
        self.apply_rest(&mut new, wrong);
        if errors.is_empty() {
            errors.extend(together(&new));
        }
        if errors.is_empty() { Ok(new) } else { Err(errors) }
    }

    fn apply_rest(&self, new: &mut Values, wrong: &mut Vec<FieldError>) {
        let at = ("sessions.lock_minutes", Reason::PolicyLockInvalid);
        take(
            &self.sessions.lock_minutes,
            &mut new.lock_minutes,
            at,
            wrong,
            within(LOCK_MINUTES),
        );
        let at = ("sessions.end_minutes", Reason::PolicyEndInvalid);
        take(
            &self.sessions.end_minutes,
            &mut new.end_minutes,
            at,
            wrong,
            within(END_MINUTES),
        );
        let at = ("networks.people", Reason::PolicyNetworksInvalid);
        take(&self.networks.people, &mut new.people, at, wrong, networks);
        let at = ("networks.agents", Reason::PolicyNetworksInvalid);
        take(&self.networks.agents, &mut new.agents, at, wrong, networks);
        let at = ("passwords.min_length", Reason::PolicyLengthInvalid);
        take(
            &self.passwords.min_length,
            &mut new.min_length,
            at,
            wrong,
            within(MIN_LENGTH),
        );
        let at = ("sms.allowed", Reason::RequestMalformed);
        take(&self.sms.allowed, &mut new.sms_allowed, at, wrong, |allowed| {
            Some(*allowed)
        });
        let at = ("sms.countries", Reason::PolicyCountriesInvalid);
        take(&self.sms.countries, &mut new.countries, at, wrong, countries);
    }
}

/// What may not stand together: a policy that nobody can meet.
fn together(values: &Values) -> Option<FieldError> {
    let factors = Policies::of(values.clone(), kernel::Time::default()).factors;
    if factors.is_met_by(Kinds::ALL) && factors.allowed.has_factor() {
        return None;
    }
    Some(FieldError::new("factors.allowed", Reason::PolicyNobodyMeets))
}

/// Whether the second factor is asked for more strictly than before: then grace begins anew.
pub fn is_stricter(old: &Policies, new: &Policies) -> bool {
    let (old, new) = (&old.factors, &new.factors);
    new.require > old.require || (new.require != Require::No && old.allowed.and(new.allowed) != old.allowed)
}

/// One value that a change turned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The field, such as `factors.require`.
    pub field: &'static str,
    old: String,
    new: String,
}

impl Difference {
    /// What it was and what it is, in the words of the API; "default" where nothing is set, "any" for an empty list.
    pub fn values(&self) -> [&str; 2] {
        [&self.old, &self.new]
    }
    /// `factors.require: yes → no`.
    pub fn told(&self) -> String {
        format!("{}: {} → {}", self.field, self.old, self.new)
    }
}

/// The fields, in the order of [`Values::words`].
pub(super) const FIELDS: [&str; 14] = [
    "factors.require",
    "factors.grace_hours",
    "factors.allowed",
    "factors.aaguids",
    "devices.mode",
    "devices.trust_days",
    "devices.limit",
    "sessions.lock_minutes",
    "sessions.end_minutes",
    "networks.people",
    "networks.agents",
    "passwords.min_length",
    "sms.allowed",
    "sms.countries",
];

impl Values {
    /// What a change does, a value each.
    pub fn differences(&self, new: &Self) -> Vec<Difference> {
        let turns = FIELDS.into_iter().zip(self.words().into_iter().zip(new.words()));
        turns
            .filter(|(_, (old, new))| old != new)
            .map(|(field, (old, new))| Difference { field, old, new })
            .collect()
    }

    /// The values that are set, by their fields and in the words of the API.
    pub fn told(&self) -> Vec<(&'static str, String)> {
        let told = FIELDS.into_iter().zip(self.words());
        told.filter(|(_, words)| words != "default").collect()
    }

    /// Each value in words, in the order of [`FIELDS`].
    pub(super) fn words(&self) -> [String; 14] {
        fn say<T>(value: Option<&T>, words: impl Fn(&T) -> String) -> String {
            value.map_or_else(|| "default".to_owned(), words)
        }
        fn join<T: ToString>(list: &[T]) -> String {
            let words: Vec<String> = list.iter().map(ToString::to_string).collect();
            if words.is_empty() {
                "any".to_owned()
            } else {
                words.join(", ")
            }
        }
        let number = |value: &Option<i64>| say(value.as_ref(), i64::to_string);
        let kinds = |kinds: &Kinds| join(&kinds.iter().map(AuthenticatorKind::name).collect::<Vec<_>>());
        let yes = |value: &bool| if *value { "yes" } else { "no" }.to_owned();
        [
            say(self.require.as_ref(), |require| require.name().to_owned()),
            number(&self.grace_hours),
            say(self.allowed.as_ref(), kinds),
            say(self.aaguids.as_ref(), |list| join(list)),
            say(self.mode.as_ref(), |mode| mode.name().to_owned()),
            number(&self.trust_days),
            number(&self.limit),
            number(&self.lock_minutes),
            number(&self.end_minutes),
            say(self.people.as_ref(), |list| join(list)),
            say(self.agents.as_ref(), |list| join(list)),
            number(&self.min_length),
            say(self.sms_allowed.as_ref(), yes),
            say(self.countries.as_ref(), |list| join(list)),
        ]
    }
}
