//! The command line `holdpoint`.

fn main() -> std::process::ExitCode {
    holdpoint::host::cli::main()
}
