use std::{
    any::{Any, TypeId},
    sync::Arc,
};

use dashmap::DashMap;

/// The states of handlers: one value per type, made when first asked for.
#[derive(Default)]
pub(crate) struct States(DashMap<TypeId, Arc<dyn Any + Send + Sync>>);

impl States {
    pub(crate) fn get<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let id = TypeId::of::<T>();
        if let Some(state) = self
            .0
            .get(&id)
            .and_then(|state| Arc::clone(&state).downcast().ok())
        {
            return state;
        }
        // Made outside the map's lock, since `default` is the handler's own code. Two callers may
        // both make one; the first that is put in stays.
        let made: Arc<dyn Any + Send + Sync> = Arc::new(T::default());
        let state = Arc::clone(&self.0.entry(id).or_insert(made));
        state
            .downcast()
            .expect("the reason it is a `T`: it was put under the type id of `T`")
    }
}
