//! Parameters and columns in PostgreSQL's types. Must never happen: a type that an engine has to guess.
use crate::db::{Bound, Cell, Kind};
use bytes::BytesMut;
use postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};
use std::error::Error as StdError;
use uuid::Uuid;

type Fault = Box<dyn StdError + Sync + Send>;

pub(super) const fn of_kind(kind: Kind) -> Type {
    match kind {
        Kind::Int => Type::INT8,
        Kind::Bool => Type::BOOL,
        Kind::Text => Type::TEXT,
        Kind::Bytes => Type::BYTEA,
        Kind::Uuid => Type::UUID,
    }
}

impl ToSql for Bound<'_> {
    fn to_sql(&self, ty: &Type, out: &mut BytesMut) -> Result<IsNull, Fault> {
        match self {
            Bound::Null(_) => Ok(IsNull::Yes),
            Bound::Int(v) => v.to_sql(ty, out),
            Bound::Bool(v) => v.to_sql(ty, out),
            Bound::Text(v) => v.to_sql(ty, out),
            Bound::Bytes(v) => v.to_sql(ty, out),
            Bound::Uuid(v) => v.to_sql(ty, out),
        }
    }
    // The statement was prepared with the very types of these values.
    fn accepts(_: &Type) -> bool {
        true
    }
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Cell<'a> {
    fn from_sql(ty: &Type, raw: &'a [u8]) -> Result<Self, Fault> {
        Ok(match *ty {
            Type::INT8 => Cell::Int(i64::from_sql(ty, raw)?),
            Type::INT4 => Cell::Int(i32::from_sql(ty, raw)?.into()),
            Type::BOOL => Cell::Bool(bool::from_sql(ty, raw)?),
            Type::BYTEA => Cell::Bytes(raw),
            Type::UUID => Cell::Uuid(Uuid::from_sql(ty, raw)?),
            _ => Cell::Text(std::str::from_utf8(raw)?),
        })
    }
    fn from_sql_null(_: &Type) -> Result<Self, Fault> {
        Ok(Cell::Null)
    }
    fn accepts(ty: &Type) -> bool {
        let known = [
            Type::INT8,
            Type::INT4,
            Type::BOOL,
            Type::BYTEA,
            Type::UUID,
            Type::TEXT,
            Type::VARCHAR,
            Type::NAME,
        ];
        known.contains(ty)
    }
}
