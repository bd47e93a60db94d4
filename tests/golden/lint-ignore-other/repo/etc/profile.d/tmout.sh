# sshkeep: ignore SK605 -- asked for by the auditors
TMOUT=300
