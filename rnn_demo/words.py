"""Numbers in words, the same on every page. Standard library only."""


def percent(p: float) -> str:
    """Never quite sure: 0.997 -> ">99 %", 0.704 -> "70 %" """
    return ">99 %" if p > 0.995 else "<1 %" if p < 0.005 else f"{p * 100:.0f} %"


def signed(value: float) -> str:
    """To a tenth: 0.42 -> "+0.4", -0.42 -> "−0.4", 0.01 -> "±0" """
    return "±0" if abs(value) < 0.05 else f"{'+' if value > 0 else '−'}{abs(value):.1f}"
