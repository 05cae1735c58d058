//! The shell without its window, on a network that fails.

#[cfg(test)]
mod leaving;
#[cfg(test)]
mod relay;
#[cfg(test)]
mod server;
#[cfg(test)]
mod story;
