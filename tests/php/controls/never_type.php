<?php

function stop(): never
{
    exit;
}
