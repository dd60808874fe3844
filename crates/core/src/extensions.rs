use std::{
    any::{Any, TypeId},
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Typed data that one handler leaves for the later ones of the same call.
///
/// ```
/// # use vestibule_core::Context;
/// #[derive(Clone)]
/// struct Campaign(String);
///
/// fn before(ctx: &Context) {
///     ctx.extensions().insert(Campaign("spring".to_owned()));
/// }
///
/// fn after(ctx: &Context) -> Option<Campaign> {
///     ctx.extensions().get()
/// }
/// ```
///
/// Values come out as clones, so no handler can hold a lock while another one waits.
#[derive(Default)]
pub struct Extensions(Mutex<HashMap<TypeId, Box<dyn Any + Send + Sync>>>);

impl Extensions {
    /// Leaves a value; the earlier one of the same type is returned.
    pub fn insert<T: Clone + Send + Sync + 'static>(&self, value: T) -> Option<T> {
        self.lock()
            .insert(TypeId::of::<T>(), Box::new(value))
            .and_then(|earlier| earlier.downcast().ok())
            .map(|earlier| *earlier)
    }

    /// The value of this type, if somebody left one.
    pub fn get<T: Clone + Send + Sync + 'static>(&self) -> Option<T> {
        self.lock()
            .get(&TypeId::of::<T>())
            .and_then(|value| value.downcast_ref())
            .cloned()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TypeId, Box<dyn Any + Send + Sync>>> {
        // A `clone` that panics leaves the map as it was, so a poisoned lock holds a sound one.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Extensions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extensions").finish_non_exhaustive()
    }
}
