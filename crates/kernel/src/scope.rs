//! Whose data a table, a function or a query is about. It is said by type, so that no query forgets its tenant.
use crate::id::OrganisationId;

/// The whole deployment: people, authenticators, devices, sessions, flows, mail, lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment;

/// One organisation: everything else; its tables lead with the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Organisation(pub OrganisationId);

/// A stream of the activity log: one for each organisation, and one for what operators and the server did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stream {
    /// What operators and the server did.
    Deployment,
    /// What happened in this organisation, or to people whose home it is.
    Organisation(OrganisationId),
}
