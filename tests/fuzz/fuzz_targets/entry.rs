#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| holdpoint_fuzz::entry::run(data));
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max: usize, seed: u32| {
    holdpoint_fuzz::mutate::for_libfuzzer(data, size, max, seed, libfuzzer_sys::fuzzer_mutate)
});
