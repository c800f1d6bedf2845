//! A cloud that slows down when AWS asks for it.

/// A cloud at the pace that AWS allows.
#[derive(Debug)]
pub struct Paced<C> {
    cloud: C,
}

impl<C> Paced<C> {
    /// This cloud, paced.
    pub fn new(cloud: C) -> Self {
        Paced { cloud }
    }
}
