//! The way in for handlers that read nothing else: what the door keeps in memory is enough while nothing was committed.
//! Must never happen: somebody let in by what was true before a commit that was acknowledged before they asked.
use super::{Ask, House, Permit};
use crate::{
    Failure,
    db::{self, View},
};
use kernel::Act;
use std::marker::PhantomData;

impl House {
    /// Lets the caller in.
    /// INVARIANT: the mark is taken after the request has come and before anything is read. So what is kept under it is of that state or a later
    /// one, and what is answered from memory is of the state at a moment within this request, as if the store had been asked then.
    pub async fn admit<A: Act>(&self, ask: &Ask<A>) -> Result<Permit<A>, Failure> {
        let Some(mark) = self.ground.store.mark() else {
            return Ok(self.read(ask, |_, _| Ok(())).await?.0);
        };
        let now = self.ground.now();
        let caller = if let Some(caller) = self.door.recall(&ask.asked, now, mark) {
            caller
        } else {
            let (door, asked) = (self.door.clone(), ask.asked.clone());
            let work = move |view: &mut View| door.admit_at(view, &asked, now, mark);
            let admitted: db::Result<_> = self.ground.store.read(work).await;
            self.let_in(ask, admitted).await?
        };
        let permit = Permit {
            caller,
            now,
            act: PhantomData,
        };
        self.touch(ask, &permit).await;
        Ok(permit)
    }
}
