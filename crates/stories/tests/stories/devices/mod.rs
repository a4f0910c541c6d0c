//! Devices that are known: their key, their trust and order, and how a trusted one answers for a new one.
mod answers;
mod key;
mod own;
