//! Rows of a result, and what can be made of one: a value, a tuple, or a struct named with `from_row!`. For every `store.rs`.
//! Must never happen: a value read as what it is not; a float (an overflow on SQLite) taken for a number.
use super::{Cell, Error, FromCell, Result};
use rusqlite::types::ValueRef;

/// A row of either engine, alive only while it is read.
pub enum Row<'a> {
    /// Of SQLite.
    Lite(&'a rusqlite::Row<'a>),
    /// Of PostgreSQL.
    Pg(&'a postgres::Row),
}

impl Row<'_> {
    /// The column of this name.
    pub fn get<T: FromCell>(&self, name: &str) -> Result<T> {
        let at = match self {
            Row::Lite(row) => row.as_ref().column_index(name).ok(),
            Row::Pg(row) => row.columns().iter().position(|column| column.name() == name),
        };
        let at = at.ok_or_else(|| Error::Shape(format!("{name} is not in the result")))?;
        self.read(at).map_err(|what| Error::Shape(format!("{name}: {what}")))
    }

    /// The column at this place, counted from nought.
    pub fn at<T: FromCell>(&self, at: usize) -> Result<T> {
        self.read(at).map_err(|what| Error::Shape(format!("{at}: {what}")))
    }

    fn is_named(&self, at: usize, name: &str) -> bool {
        match self {
            Row::Lite(row) => row.as_ref().column_name(at).is_ok_and(|found| found == name),
            Row::Pg(row) => row.columns().get(at).is_some_and(|column| column.name() == name),
        }
    }

    fn read<T: FromCell>(&self, at: usize) -> Result<T, String> {
        let cell = match self {
            Row::Lite(row) => match row.get_ref(at).map_err(|e| e.to_string())? {
                ValueRef::Null => Cell::Null,
                ValueRef::Integer(v) => Cell::Int(v),
                ValueRef::Text(v) => Cell::Text(std::str::from_utf8(v).map_err(|_| "not UTF-8")?),
                ValueRef::Blob(v) => Cell::Bytes(v),
                ValueRef::Real(_) => return Err("a float".into()),
            },
            Row::Pg(row) => row.try_get(at).map_err(|e| e.to_string())?,
        };
        // The value itself stays out of the message: it may be a person's.
        T::from_cell(cell).ok_or_else(|| format!("{} as {}", kind(cell), std::any::type_name::<T>()))
    }
}

/// Reads a row's columns by their names, one field after the other. Where the statement names them in the same order, none is searched for:
/// a search through a dozen names for each of a dozen fields costs as much as the statement.
pub struct Fields<'r, 'a> {
    row: &'r Row<'a>,
    at: usize,
}

impl<'r, 'a> Fields<'r, 'a> {
    /// From the first column on.
    pub const fn of(row: &'r Row<'a>) -> Self {
        Self { row, at: 0 }
    }
    /// The column of this name.
    pub fn get<T: FromCell>(&mut self, name: &str) -> Result<T> {
        let here = self.at;
        self.at += 1;
        if !self.row.is_named(here, name) {
            return self.row.get(name);
        }
        self.row
            .read(here)
            .map_err(|what| Error::Shape(format!("{name}: {what}")))
    }
}

const fn kind(cell: Cell<'_>) -> &'static str {
    match cell {
        Cell::Null => "nothing",
        Cell::Int(_) => "an integer",
        Cell::Bool(_) => "a truth value",
        Cell::Text(_) => "text",
        Cell::Bytes(_) => "bytes",
        Cell::Uuid(_) => "a uuid",
    }
}

/// What can be made of a row.
pub trait FromRow: Sized {
    /// Reads it, or says which column did not fit.
    fn from_row(row: &Row<'_>) -> Result<Self>;
}

impl<T: FromCell> FromRow for T {
    fn from_row(row: &Row<'_>) -> Result<Self> {
        row.at(0)
    }
}

macro_rules! tuples {
    ($($($t:ident $n:tt),+;)+) => { $(
        impl<$($t: FromCell),+> FromRow for ($($t,)+) {
            fn from_row(row: &Row<'_>) -> Result<Self> {
                Ok(($(row.at::<$t>($n)?,)+))
            }
        }
    )+ };
}
tuples! {
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
}

/// `from_row!(Lane { failures, locked_until });`: the fields are read from the columns of their names.
#[macro_export]
macro_rules! from_row {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::db::FromRow for $name {
            fn from_row(row: &$crate::db::Row<'_>) -> $crate::db::Result<Self> {
                let mut fields = $crate::db::Fields::of(row);
                Ok(Self { $($field: fields.get(stringify!($field))?),+ })
            }
        }
    };
}
