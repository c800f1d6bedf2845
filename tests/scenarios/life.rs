//! Whole lives of a workspace: random manifests, random earlier states, another hand at work, calls that fail, answers
//! that are lost, programs that die or are stopped at any call and any write to what they keep. After everything that
//! happens the record is true and nothing foreign was touched; and once nothing goes wrong any more, what is wanted is
//! there, once, and the next plan is empty.
mod act;
mod property;
mod truth;
mod witness;
mod world;
