import { createTheme } from "@mui/material/styles";

/** MUI's parts in our tokens: the same sizes and colours as everything that is plain CSS. */
export const theme = createTheme({
  cssVariables: { colorSchemeSelector: "data-theme" },
  colorSchemes: {
    light: {
      palette: {
        primary: { main: "#3d4ed8", dark: "#3140bd", contrastText: "#ffffff" },
        error: { main: "#b02020" },
        warning: { main: "#855000" },
        success: { main: "#0d6b3c" },
        text: { primary: "#16171c", secondary: "#545763", disabled: "#8b8e99" },
        background: { default: "#f6f6f8", paper: "#ffffff" },
        divider: "#e7e7ec",
      },
    },
    dark: {
      palette: {
        primary: { main: "#5262e8", dark: "#6372f0", light: "#9ba7ff", contrastText: "#ffffff" },
        error: { main: "#ff918a", contrastText: "#1b0f0f" },
        warning: { main: "#e7b45a" },
        success: { main: "#62cf96" },
        text: { primary: "#ecedf1", secondary: "#a9acb8", disabled: "#6d717c" },
        background: { default: "#0e0f12", paper: "#1c1e23" },
        divider: "#25272e",
      },
    },
  },
  spacing: 4,
  shape: { borderRadius: 7 },
  typography: {
    fontFamily: "var(--font)",
    fontSize: 13,
    htmlFontSize: 16,
    body1: { fontSize: "13px", lineHeight: 1.45 },
    body2: { fontSize: "13px", lineHeight: 1.45 },
    button: { fontSize: "13px", fontWeight: 540, textTransform: "none", letterSpacing: 0, lineHeight: 1.5 },
  },
  transitions: { create: () => "none" },
  components: {
    MuiButtonBase: { defaultProps: { disableRipple: true } },
    MuiButton: {
      defaultProps: { size: "small", variant: "outlined", color: "inherit", disableElevation: true },
      styleOverrides: {
        root: {
          minWidth: 0,
          height: 32,
          padding: "0 12px",
          borderRadius: "var(--radius)",
          whiteSpace: "nowrap",
          "&.Mui-focusVisible": { outline: "2px solid var(--accent-ink)", outlineOffset: 1 },
        },
        outlined: {
          borderColor: "var(--line-2)",
          background: "var(--surface)",
          color: "var(--ink)",
          boxShadow: "var(--shadow-s)",
          "&:hover": { background: "var(--hover)", borderColor: "var(--line-2)" },
        },
        contained: {
          "&.MuiButton-containedError": { background: "var(--bad)", color: "var(--surface)" },
          // What is filled is what a screen is for, also where nobody said a colour.
          "&.MuiButton-colorInherit:not(.Mui-disabled)": {
            background: "var(--mui-palette-primary-main)",
            color: "var(--mui-palette-primary-contrastText)",
            "&:hover": { background: "var(--mui-palette-primary-dark)" },
          },
        },
        text: { color: "var(--ink-2)", "&:hover": { background: "var(--hover)", color: "var(--ink)" } },
        startIcon: { marginLeft: -2, marginRight: 6 },
        endIcon: { marginLeft: 4, marginRight: -4 },
      },
    },
    MuiIconButton: {
      defaultProps: { size: "small" },
      styleOverrides: {
        root: {
          width: 32,
          height: 32,
          borderRadius: "var(--radius)",
          color: "var(--ink-2)",
          "&:hover": { background: "var(--hover)", color: "var(--ink)" },
          "&.Mui-focusVisible": { outline: "2px solid var(--accent-ink)" },
        },
      },
    },
    MuiTextField: { defaultProps: { size: "small", fullWidth: true, variant: "outlined" } },
    MuiOutlinedInput: {
      defaultProps: { notched: false },
      styleOverrides: {
        notchedOutline: { top: 0, "& legend": { display: "none" } },
        root: {
          background: "var(--surface)",
          borderRadius: "var(--radius)",
          fontSize: "13px",
          "& .MuiOutlinedInput-notchedOutline": { borderColor: "var(--line-2)" },
          "&:hover .MuiOutlinedInput-notchedOutline": { borderColor: "var(--ink-3)" },
          "&.Mui-focused .MuiOutlinedInput-notchedOutline": { borderColor: "var(--accent)", borderWidth: 1.5 },
        },
        input: { height: "1.35em", padding: "7px 10px" },
        multiline: { padding: 0, "& textarea": { padding: "8px 10px" } },
      },
    },
    // Labels stand above their field: they are read while it is filled in, and nothing moves.
    MuiInputLabel: {
      defaultProps: { shrink: true },
      styleOverrides: {
        root: {
          position: "static",
          transform: "none",
          marginBottom: 5,
          color: "var(--ink-2)",
          fontSize: "12px",
          fontWeight: 520,
          lineHeight: 1.3,
          "&.Mui-focused": { color: "var(--ink)" },
        },
        asterisk: { color: "var(--ink-3)" },
      },
    },
    MuiFormHelperText: { styleOverrides: { root: { margin: "4px 1px 0", fontSize: "12px", lineHeight: 1.35 } } },
    MuiPaper: {
      defaultProps: { elevation: 0 },
      styleOverrides: { root: { backgroundImage: "none", backgroundColor: "var(--raised)" } },
    },
    MuiMenu: {
      styleOverrides: {
        paper: { border: "1px solid var(--line)", boxShadow: "var(--shadow)", marginTop: 4, minWidth: 180 },
        list: { padding: 4 },
      },
    },
    MuiMenuItem: {
      defaultProps: { dense: true },
      styleOverrides: {
        root: {
          minHeight: 30,
          padding: "4px 8px",
          gap: 8,
          borderRadius: "var(--radius-s)",
          fontSize: "13px",
          "&:hover, &.Mui-focusVisible": { background: "var(--hover)" },
          "&.Mui-selected, &.Mui-selected:hover": { background: "var(--accent-soft)" },
        },
      },
    },
    MuiAutocomplete: {
      styleOverrides: {
        paper: { border: "1px solid var(--line)", boxShadow: "var(--shadow)" },
        listbox: { padding: 4 },
        option: { borderRadius: "var(--radius-s)", minHeight: "30px !important", fontSize: "13px" },
      },
    },
    MuiDialog: {
      styleOverrides: {
        paper: { borderRadius: "var(--radius-l)", border: "1px solid var(--line)", boxShadow: "var(--shadow-l)" },
      },
    },
    MuiBackdrop: { styleOverrides: { root: { "&:not(.MuiBackdrop-invisible)": { background: "rgb(12 13 18 / 45%)" } } } },
    MuiDialogTitle: { styleOverrides: { root: { padding: "18px 20px 4px", fontSize: "15px", fontWeight: 600 } } },
    MuiDialogContent: { styleOverrides: { root: { padding: "12px 20px !important" } } },
    MuiDialogActions: { styleOverrides: { root: { padding: "10px 20px 18px", gap: 8, "& > *": { margin: "0 !important" } } } },
    MuiTooltip: {
      defaultProps: { enterDelay: 350, disableInteractive: true },
      styleOverrides: {
        tooltip: { background: "#26282f", color: "#f2f3f6", fontSize: "12px", padding: "5px 9px", borderRadius: "6px" },
      },
    },
    MuiCheckbox: { defaultProps: { size: "small" }, styleOverrides: { root: { padding: 6, color: "var(--ink-3)" } } },
    MuiFormControlLabel: { styleOverrides: { label: { fontSize: "13px" } } },
  },
});
