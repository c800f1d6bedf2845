//! Whole lives of a workspace: random manifests, random earlier states, changes made outside of the program, calls that
//! fail, answers that are lost, programs that crash or are stopped at any call and any write to what they keep. The oracle
//! judges every run; once nothing goes wrong any more, what is wanted is there, once, and the next plan is empty.
mod act;
mod property;
