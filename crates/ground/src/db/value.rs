//! Values that cross to both engines alike: integers of 64 bits, text, bytes, truth, uuid, and none of these. For every `store.rs`.
//! Must never happen: a `Secret` becoming a parameter; a value whose type an engine has to guess.
use kernel::{
    AgentId, ApiKeyId, AuthenticatorId, CeremonyId, DeviceId, EventId, FlowId, GroupId, InstallationKeyId,
    InvitationId, Kinds, Language, MessageId, Organisation, OrganisationId, PersonId, RoleId, SessionId, SiteId, Time,
    WebhookId,
};
use uuid::Uuid;

/// The type a parameter is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// BIGINT
    Int,
    /// BOOLEAN
    Bool,
    /// TEXT
    Text,
    /// BYTEA
    Bytes,
    /// UUID
    Uuid,
}

/// A parameter on its way to an engine.
#[derive(Debug, Clone, Copy)]
pub enum Bound<'a> {
    /// NULL, of a kind.
    Null(Kind),
    /// An integer.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text without NUL.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A uuid.
    Uuid(Uuid),
}

impl Bound<'_> {
    /// The type it is declared with.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Null(kind) => *kind,
            Self::Int(_) => Kind::Int,
            Self::Bool(_) => Kind::Bool,
            Self::Text(_) => Kind::Text,
            Self::Bytes(_) => Kind::Bytes,
            Self::Uuid(_) => Kind::Uuid,
        }
    }
}

/// A column on its way from an engine. SQLite knows neither truth nor uuid: they come as integer and bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// NULL.
    Null,
    /// An integer.
    Int(i64),
    /// A truth value.
    Bool(bool),
    /// Text.
    Text(&'a str),
    /// Bytes.
    Bytes(&'a [u8]),
    /// A uuid.
    Uuid(Uuid),
}

/// May be given for `?n`. Its kind is fixed even where it is None: PostgreSQL is told every type, so it never has to guess.
pub trait Bind {
    /// The type it is declared with.
    fn kind() -> Kind
    where
        Self: Sized;
    /// The value.
    fn bound(&self) -> Bound<'_>;
}

/// May be read from a column. None: the column holds something else.
pub trait FromCell: Sized {
    /// The value, if the cell holds one.
    fn from_cell(cell: Cell<'_>) -> Option<Self>;
}

/// A type with its kind, its way in and its way out.
macro_rules! value {
    ($($t:ty: $kind:ident, |$s:ident| $bound:expr, |$c:ident| $cell:expr);+ $(;)?) => { $(
        impl Bind for $t {
            fn kind() -> Kind {
                Kind::$kind
            }
            fn bound(&self) -> Bound<'_> {
                let $s = self;
                Bound::$kind($bound)
            }
        }
        impl FromCell for $t {
            fn from_cell($c: Cell<'_>) -> Option<Self> {
                $cell
            }
        }
    )+ };
}

fn int(cell: Cell<'_>) -> Option<i64> {
    if let Cell::Int(v) = cell { Some(v) } else { None }
}
fn bytes(cell: Cell<'_>) -> Option<&[u8]> {
    if let Cell::Bytes(v) = cell { Some(v) } else { None }
}

value! {
    i64: Int, |s| *s, |c| int(c);
    u32: Int, |s| i64::from(*s), |c| int(c)?.try_into().ok();
    Time: Int, |s| s.micros(), |c| int(c).map(Time::from_micros);
    Kinds: Int, |s| s.bits(), |c| int(c).map(Kinds::from_bits);
    bool: Bool, |s| *s, |c| match c {
        Cell::Bool(v) => Some(v),
        Cell::Int(v @ (0 | 1)) => Some(v == 1),
        _ => None,
    };
    String: Text, |s| s, |c| if let Cell::Text(v) = c { Some(v.to_owned()) } else { None };
    // A newer node may have written a language that this one does not speak yet.
    Language: Text, |s| s.tag(), |c| if let Cell::Text(v) = c { Some(Self::from_tag(v).unwrap_or_default()) } else { None };
    Vec<u8>: Bytes, |s| s, |c| bytes(c).map(<[u8]>::to_vec);
    Uuid: Uuid, |s| *s, |c| match c {
        Cell::Uuid(v) => Some(v),
        Cell::Bytes(v) => Self::from_slice(v).ok(),
        _ => None,
    };
    OrganisationId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    Organisation: Uuid, |s| s.0.0, |c| OrganisationId::from_cell(c).map(Self);
    SiteId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    PersonId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    RoleId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    GroupId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    InvitationId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    ApiKeyId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    AgentId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    InstallationKeyId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    DeviceId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    AuthenticatorId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    FlowId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    CeremonyId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    SessionId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    MessageId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    EventId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
    WebhookId: Uuid, |s| s.0, |c| Uuid::from_cell(c).map(Self);
}

impl<const N: usize> Bind for [u8; N] {
    fn kind() -> Kind {
        Kind::Bytes
    }
    fn bound(&self) -> Bound<'_> {
        Bound::Bytes(self)
    }
}
impl<const N: usize> FromCell for [u8; N] {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        bytes(cell)?.try_into().ok()
    }
}

impl Bind for &str {
    fn kind() -> Kind {
        Kind::Text
    }
    fn bound(&self) -> Bound<'_> {
        Bound::Text(self)
    }
}
impl Bind for &[u8] {
    fn kind() -> Kind {
        Kind::Bytes
    }
    fn bound(&self) -> Bound<'_> {
        Bound::Bytes(self)
    }
}

impl<T: Bind> Bind for Option<T> {
    fn kind() -> Kind {
        T::kind()
    }
    fn bound(&self) -> Bound<'_> {
        self.as_ref().map_or(Bound::Null(T::kind()), T::bound)
    }
}
impl<T: FromCell> FromCell for Option<T> {
    fn from_cell(cell: Cell<'_>) -> Option<Self> {
        if cell == Cell::Null {
            Some(None)
        } else {
            T::from_cell(cell).map(Some)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_a_kind_too() {
        assert_eq!(None::<PersonId>.bound().kind(), Kind::Uuid);
        assert_eq!(None::<&str>.bound().kind(), Kind::Text);
        assert_eq!(Some(Time::from_seconds(1)).bound().kind(), Kind::Int);
    }

    #[test]
    fn what_sqlite_lacks_is_read_from_what_it_has() {
        assert_eq!(bool::from_cell(Cell::Int(1)), Some(true));
        assert_eq!(bool::from_cell(Cell::Int(2)), None);
        let id = Uuid::from_u128(7);
        assert_eq!(PersonId::from_cell(Cell::Bytes(id.as_bytes())), Some(PersonId(id)));
        assert_eq!(<[u8; 3]>::from_cell(Cell::Bytes(&[1, 2])), None);
        assert_eq!(Option::<i64>::from_cell(Cell::Null), Some(None));
        assert_eq!(i64::from_cell(Cell::Null), None);
    }
}
