//! Delivery against both stores (PostgreSQL where `DOORWARD_TEST_POSTGRES` names a server) and against servers that misbehave by script.
mod conversations;
mod dns;
mod gateway;
mod gateways;
mod office;
mod queue;
mod reports;
mod server;
mod straight;
