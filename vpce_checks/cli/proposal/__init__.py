"""The policy file that ``vpce-checks init`` proposes: what a repository holds (``seen``), which of its code is only an example
(``examples``), how its roots are deployed (``variables``), what its VPCs need (``needs``), and the file itself (``text``)."""
