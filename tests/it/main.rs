//! Tests of the whole: one program, so that linking is paid once.

#[cfg(test)]
mod server;
#[cfg(test)]
mod support;
#[cfg(test)]
mod tidy;
