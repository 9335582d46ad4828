"""The words of the Core Business Vocabulary 2.0 that events are told in, and the three ways in which each is spelled.

Inside, a word of the standard is its bare name, such as `shipping`; outside, it is that, a URN
(`urn:epcglobal:cbv:bizstep:shipping`) or a web address (`https://ref.gs1.org/cbv/BizStep-shipping`). Whoever has words
of their own spells them as URIs, which are kept.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass, field

from traceqr.epcis.encoding import InvalidSpelling
from traceqr.epcis.spelling import require_uri

CBV = "https://ref.gs1.org/cbv/"
VOC = "https://gs1.org/voc/"

_OLD_HOMES = (
    "https://ns.gs1.org/cbv/",
    "https://ns.gs1.org/voc/",
    "https://www.gs1.org/voc/",
    "https://ref.gs1.org/voc/",
)
_BARE = re.compile(r"[^:/]*")


class CbvFormat(enum.StrEnum):
    """How words of the standard are wanted: the values of the header `GS1-CBV-Format`."""

    NO_PREFERENCE = "No_Preference"
    ALWAYS_WEB_URI = "Always_Web_URI"
    ALWAYS_URN = "Always_URN"
    NEVER_TRANSLATES = "Never_Translates"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words of one sort."""

    title: str
    """What one of its words is called in messages."""
    words: frozenset[str]
    urn: str
    """What a word's URN begins with; empty where the standard has none."""
    web: str
    """What a word's web address begins with."""
    outside: dict[str, str] = field(init=False, compare=False, repr=False)
    """Every other spelling of a word, and the word."""

    def __post_init__(self) -> None:
        starts = [self.web, *(home + self.web.rpartition("/")[2] for home in _OLD_HOMES), self._curie]
        starts += [self.urn] if self.urn else []
        spelled = {start + word: word for word in self.words for start in starts}
        object.__setattr__(self, "outside", spelled)

    @property
    def _curie(self) -> str:
        """The address as the official context shortens it."""
        return self.web.replace(CBV, "cbv:").replace(VOC, "gs1:")

    def read(self, text: str) -> str:
        """The bare name, or the URI of a word that is not the standard's. Raises `InvalidSpelling`."""
        if text in self.words:
            return text
        if (known := self.outside.get(text)) is not None:
            return known
        if _BARE.fullmatch(text):
            raise InvalidSpelling(f"expected {self.title} of the CBV 2.0 or a URI, got {text!r}")
        if text.startswith((self.web, *([self.urn] if self.urn else []))):
            raise InvalidSpelling(f"expected {self.title} that the CBV 2.0 has, got {text!r}")
        require_uri(text)
        return text

    def write(self, name: str, wanted: CbvFormat = CbvFormat.NO_PREFERENCE) -> str:
        """A bare name as it is wanted; a URI as it is."""
        if name not in self.words:
            return name
        if wanted is CbvFormat.ALWAYS_URN and self.urn:
            return self.urn + name
        return self.web + name if wanted is CbvFormat.ALWAYS_WEB_URI else name


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


STEPS = Vocabulary(
    "a business step",
    _words("""
        accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting
        decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting
        installing killing loading other packing picking receiving removing repackaging repairing replacing reserving
        retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting
        unloading unpacking void_shipping
    """),
    "urn:epcglobal:cbv:bizstep:",
    CBV + "BizStep-",
)

DISPOSITIONS = Vocabulary(
    "a disposition",
    _words("""
        active available completeness_inferred completeness_verified conformant container_closed container_open damaged
        destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance
        mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed
        recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown
    """),
    "urn:epcglobal:cbv:disp:",
    CBV + "Disp-",
)

TRANSACTION_TYPES = Vocabulary(
    "a type of business transaction",
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
    "urn:epcglobal:cbv:btt:",
    CBV + "BTT-",
)

PARTY_TYPES = Vocabulary(
    "a type of source or destination",
    _words("location owning_party possessing_party"),
    "urn:epcglobal:cbv:sdt:",
    CBV + "SDT-",
)

ERROR_REASONS = Vocabulary(
    "a reason of an error declaration", _words("did_not_occur incorrect_data"), "urn:epcglobal:cbv:er:", CBV + "ER-"
)

COMPONENTS = Vocabulary(
    "a component of a measurement",
    _words("""
        altitude axial_distance azimuth easting elevation_angle geocoordinate height latitude longitude northing
        polar_angle spherical_radius x y z
    """),
    "urn:epcglobal:cbv:comp:",
    CBV + "Comp-",
)

ALERTS = Vocabulary("a sensor alert", _words("ALARM_CONDITION ERROR_CONDITION"), "", VOC)

MEASUREMENTS = Vocabulary(
    "a type of measurement",
    _words("""
        AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Activity Altitude AmountOfSubstance
        AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance
        Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity
        ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength Energy Exposure Force Frequency
        Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum Luminance LuminousFlux
        LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass MassConcentration MassFlowRate
        MassPerAreaTime MemoryCapacity MolalityOfSolute MolarEnergy MolarMass MolarVolume Power Pressure RadiantFlux
        RadiantIntensity Radioactivity RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed
        SurfaceDensity SurfaceTension Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction
        VolumetricFlux Wavenumber
    """),
    "",
    VOC,
)
