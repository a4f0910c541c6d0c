//! What calls of the API have in common: the organisation that they are about, and which part of a list is wanted.
//! For every capability with an API. Must never happen: another organisation that is told apart from one that is not there.
use crate::{Ask, Caller, Failure, House, Permit, form::Query};
use kernel::{Act, OrganisationId};
use serde::Deserialize;

/// The organisation that a call is about; one's own where none is named.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Its id.
    pub organisation: Option<String>,
}

/// The same, for a list of which a part is wanted.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// The organisation's id.
    pub organisation: Option<String>,
    limit: Option<u32>,
    cursor: Option<String>,
}

/// Items of a list where nothing else is asked for, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 200;

impl Paging {
    /// The part of a short list that is wanted, and the cursor of what follows: the id of its last item. None: a limit or a cursor that is none.
    pub fn part<'a, T>(&self, all: &'a [T], id: impl Fn(&T) -> String) -> Option<(&'a [T], Option<String>)> {
        let limit = self.limit.unwrap_or(USUAL);
        if !(1..=MOST).contains(&limit) {
            return None;
        }
        let from = match &self.cursor {
            Some(last) => all.iter().position(|item| id(item) == *last)? + 1,
            None => 0,
        };
        let rest = all.get(from..).unwrap_or_default();
        let part = rest.get(..usize::try_from(limit).ok()?).unwrap_or(rest);
        let next = part.last().filter(|_| part.len() < rest.len()).map(id);
        Some((part, next))
    }
}

impl<A: Act> Ask<A> {
    /// Somebody else's organisation is not there. Where none is named, one's own is meant.
    pub fn own_only(&self, caller: &Caller, asked: Option<&str>) -> Result<(), Failure> {
        let is_own = |id: &str| id.parse::<OrganisationId>().is_ok_and(|id| id == caller.organisation);
        if asked.is_none_or(is_own) {
            Ok(())
        } else {
            Err(self.not_found())
        }
    }
}

impl House {
    /// Lets the caller in, and only then looks at which organisation the call is about.
    pub async fn admit_about<A: Act>(
        &self,
        ask: &Ask<A>,
        about: Result<Query<About>, Failure>,
    ) -> Result<Permit<A>, Failure> {
        let permit = self.admit(ask).await?;
        ask.own_only(permit.caller(), about?.0.organisation.as_deref())?;
        Ok(permit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(limit: Option<u32>, cursor: Option<&str>) -> Option<(Vec<u32>, Option<String>)> {
        let paging = Paging {
            organisation: None,
            limit,
            cursor: cursor.map(str::to_owned),
        };
        let (part, next) = paging.part(&[1, 2, 3, 4, 5], u32::to_string)?;
        Some((part.to_vec(), next))
    }

    #[test]
    fn a_list_is_read_part_by_part_to_its_end() {
        assert_eq!(part(None, None), Some((vec![1, 2, 3, 4, 5], None)));
        assert_eq!(part(Some(2), None), Some((vec![1, 2], Some("2".into()))));
        assert_eq!(part(Some(2), Some("2")), Some((vec![3, 4], Some("4".into()))));
        assert_eq!(part(Some(2), Some("4")), Some((vec![5], None)));
        assert_eq!(part(Some(5), None), Some((vec![1, 2, 3, 4, 5], None)));
        assert_eq!(part(None, Some("5")), Some((vec![], None)));
    }

    #[test]
    fn a_limit_or_a_cursor_that_is_none_is_refused() {
        for (limit, cursor) in [(Some(0), None), (Some(201), None), (None, Some("9")), (None, Some(""))] {
            assert_eq!(part(limit, cursor), None, "{limit:?} {cursor:?}");
        }
    }
}
