//! Constants of the laws of kernel times, by class of chip, library and number format, fitted to measured kernels by
//! `tests/suite/kernels`, which also says when they are no longer what the fit yields.
//!
//! The laws themselves, with what each constant means, are in `serving::kernels`. Times are in microseconds.

mod laws;
mod names;
mod tables;

pub use laws::{
    CollectiveLaw, DecodeLaw, ExpertLaw, LatentDecodeLaw, LatentPrefillLaw, OwnAllReduceLaw,
    PrefillLaw, ProductLaw,
};
pub use names::{
    Collective, DecodeKernel, ExpertFormat, ExpertKernel, Format, HeadGroups, KernelClass, Library,
};
pub use tables::{ErrorSpread, Fitted, HostTimes, KernelErrors, KernelTable, KernelTables};

use super::figure::Source;
use super::ideal::Ideal;
use std::sync::LazyLock;

static FILE: LazyLock<KernelTables> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../kernels.yaml"))
        .unwrap_or_else(|error| panic!("an embedded catalogue: {error}"))
});

/// The laws of a class of chips with the kernels of a library.
///
/// **What stands in for what was not measured.** Formats first: a kernel for NVFP4 is taken to be as one for FP8, one
/// for FP8 in blocks as one for FP8, and that as one for 16 bits (fewer bytes and a higher peak come from the shape, not from
/// the constants). Within a format the library's own, then TensorRT-LLM's, then vLLM's: nobody measured
/// SGLang's products and ordinary attention. Laws that the catalogue doubts are never taken.
#[derive(Clone, Copy, Debug)]
pub struct Kernels {
    /// The chips.
    pub class: KernelClass,
    /// Whose kernels; where it has none of a kind, another library's.
    pub library: Library,
}

impl Kernels {
    /// Megabytes of the second-level cache.
    pub fn second_level_cache(&self) -> f64 {
        if self.class == KernelClass::Ideal {
            return f64::INFINITY;
        }
        let measured = self.class.measured();
        let found = FILE.second_level_cache.iter().find(|(class, _)| *class == measured);
        found.expect("each class has one").1
    }

    /// Of products. TensorRT-LLM's tables of 8 and 4 bits have kernels before each product that find the scales of its
    /// activations; its engines do that in the kernel before, so that little more than the floor of 16 bits is left.
    pub fn product(&self, format: Format) -> ProductLaw {
        const FUSED: f64 = 1.0;
        let law = self.by_format(&FILE.products, format);
        if self.library != Library::Trtllm || format == Format::Bf16 {
            return law;
        }
        let plain = self.by_format(&FILE.products, Format::Bf16);
        ProductLaw { floor: law.floor.min(plain.floor + FUSED), ..law }
    }

    /// Of attention of decoding sequences with a cache of that format; where a group of heads has no constants
    /// of its own, those of grouped heads hold for it.
    pub fn decode(&self, cache: Format, heads: HeadGroups) -> DecodeLaw {
        let of = |heads| {
            let is = |kernel: &DecodeKernel, cache| kernel.heads == heads && kernel.cache == cache;
            self.first(&FILE.decode, instead(cache), is)
        };
        of(heads).or_else(|| of(HeadGroups::Grouped)).expect("each class has laws of all kinds")
    }

    /// Of attention of prompts with a cache of that format.
    pub fn prefill(&self, cache: Format) -> PrefillLaw {
        self.by_format(&FILE.prefill, cache)
    }

    /// Of sums over all ranks.
    pub fn all_reduce(&self) -> CollectiveLaw {
        self.pairwise(self.collective(&FILE.collectives, Collective::AllReduce))
    }

    /// Of an engine's own.
    pub fn own_all_reduce(&self) -> OwnAllReduceLaw {
        let law = self.collective(&FILE.own_all_reduce, Collective::AllReduce);
        if self.class != KernelClass::Ada {
            return law;
        }
        OwnAllReduceLaw { doubling: 1.0, upto: [law.upto[0]; 3], ..law }
    }

    /// The Ada node of the tables shares the paths of its host among pairs, and is four times slower with each doubling of the
    /// ranks; published serving on such chips is not. Any number of ranks is taken to reach what two do.
    fn pairwise(&self, law: CollectiveLaw) -> CollectiveLaw {
        match self.class {
            KernelClass::Ada => CollectiveLaw { links: [law.links[0]; 3], ..law },
            _ => law,
        }
    }

    /// Of exchanges of each with each.
    pub fn all_to_all(&self) -> CollectiveLaw {
        self.pairwise(self.collective(&FILE.collectives, Collective::AllToAll))
    }

    /// Of routed experts.
    pub fn experts(&self, format: ExpertFormat) -> ExpertLaw {
        use ExpertFormat::{Bf16, Fp8, Fp8Block, Int4, Mxfp4, Nvfp4};
        let formats: &[ExpertFormat] = match format {
            Bf16 => &[Bf16],
            Fp8 => &[Fp8, Bf16],
            Fp8Block => &[Fp8Block, Fp8, Bf16],
            Nvfp4 => &[Nvfp4, Mxfp4, Fp8, Bf16],
            Mxfp4 => &[Mxfp4, Int4, Bf16],
            Int4 => &[Int4, Mxfp4, Bf16],
        };
        let is = |kernel: &ExpertKernel, format| kernel.format == format;
        self.first(&FILE.experts, formats, is).expect("each class has laws of all kinds")
    }

    /// Of latent attention of decoding sequences with a cache of that format.
    pub fn latent_decode(&self, cache: Format) -> LatentDecodeLaw {
        self.by_format(&FILE.latent_decode, cache)
    }

    /// Of latent attention of prompts with a cache of that format.
    pub fn latent_prefill(&self, cache: Format) -> LatentPrefillLaw {
        self.by_format(&FILE.latent_prefill, cache)
    }

    fn by_format<L: Copy + Ideal>(&self, laws: &[Fitted<Format, L>], format: Format) -> L {
        let found = self.first(laws, instead(format), |&of, format| of == format);
        found.expect("each class has laws of all kinds")
    }

    fn collective<L: Copy + Ideal>(
        &self,
        laws: &[Fitted<Collective, L>],
        collective: Collective,
    ) -> L {
        let found = self.first(laws, &[collective], |&of, collective| of == collective);
        found.expect("each class has laws of all kinds")
    }

    /// The law of the first of `formats` that there is one of, of its own library if that has one.
    fn first<K, L: Copy + Ideal, F: Copy>(
        &self,
        laws: &[Fitted<K, L>],
        formats: &[F],
        is: impl Fn(&K, F) -> bool,
    ) -> Option<L> {
        if self.class == KernelClass::Ideal {
            return Some(L::IDEAL);
        }
        let measured = self.class.measured();
        let libraries = [self.library, Library::Trtllm, Library::Vllm, Library::Nccl];
        let tried = formats.iter().flat_map(|&format| libraries.map(|library| (format, library)));
        let mut found = tried.filter_map(|(format, library)| {
            let mut own = laws.iter().filter(|law| law.class == measured && law.library == library);
            own.find(|law| law.doubt.is_none() && is(&law.of, format))
        });
        found.next().map(|fitted| fitted.law)
    }
}

/// Formats whose constants are taken for one, the first that there are.
fn instead(format: Format) -> &'static [Format] {
    use Format::{Bf16, Fp8, Fp8Block, Nvfp4};
    match format {
        Nvfp4 => &[Nvfp4, Fp8, Bf16],
        Fp8Block => &[Fp8Block, Fp8, Bf16],
        Fp8 => &[Fp8, Bf16],
        Bf16 => &[Bf16],
    }
}

/// All constants, with their errors.
pub fn kernel_tables() -> &'static KernelTables {
    &FILE
}

/// Where the tables of kernels come from.
pub fn kernel_sources() -> &'static [Source] {
    &FILE.sources
}
